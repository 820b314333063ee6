# A fixed text in a u32 frame.
# framing: u32
# failed: many-messages
# note: text of its own
import os, socket
conn = socket.create_connection(("127.0.0.1", int(os.environ["ECHO_PORT"])))
text = "Hello from my client".encode()
conn.sendall(len(text).to_bytes(4, "big") + text)
header = conn.recv(4, socket.MSG_WAITALL)
print(conn.recv(int.from_bytes(header, "big"), socket.MSG_WAITALL).decode())
