# Sends five fixed texts.
# framing: raw
# failed: many-messages server-leaves
# note: text of its own
import os, socket
conn = socket.create_connection(("127.0.0.1", int(os.environ["ECHO_PORT"])))
for number in range(5):
    conn.sendall(f"message number {number}".encode())
    print(conn.recv(1024).decode())
