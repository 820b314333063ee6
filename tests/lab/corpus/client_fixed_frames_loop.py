# Sends seven fixed texts in u32 frames, and never looks for the end.
# framing: u32
# failed: many-messages server-leaves
# note: text of its own
import os, socket

conn = socket.create_connection(("127.0.0.1", int(os.environ["ECHO_PORT"])))
for number in range(7):
    text = f"text {number} of seven".encode()
    conn.sendall(len(text).to_bytes(4, "big") + text)
    header = conn.recv(4, socket.MSG_WAITALL)
    print(conn.recv(int.from_bytes(header, "big"), socket.MSG_WAITALL).decode())
