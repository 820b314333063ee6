# Collects lines until an empty one.
# framing: raw
# failed: many-messages
# note: one message
import os, socket
conn = socket.create_connection(("127.0.0.1", int(os.environ["ECHO_PORT"])))
lines = []
while line := input():
    lines.append(line)
conn.sendall("\n".join(lines).encode())
print(conn.recv(65536).decode())
