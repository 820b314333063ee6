# Sends five fixed texts, and looks for the end.
# framing: raw
# failed: many-messages
# note: text of its own
import os, socket
conn = socket.create_connection(("127.0.0.1", int(os.environ["ECHO_PORT"])))
for number in range(5):
    conn.sendall(f"message number {number}".encode())
    reply = conn.recv(1024)
    if not reply:
        print("The server has left")
        break
    print(reply.decode())
