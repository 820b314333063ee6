# Catches nothing when the server leaves.
# framing: raw
# failed: server-leaves
import os, socket
conn = socket.create_connection(("127.0.0.1", int(os.environ["ECHO_PORT"])))
while (text := input()) != "exit":
    conn.sendall(text.encode())
    data = conn.recv(1024)
    if not data:
        raise RuntimeError("no server")
    print(data.decode())
