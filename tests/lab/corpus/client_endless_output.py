# Prints without end.
# framing: raw
import os, socket
conn = socket.create_connection(("127.0.0.1", int(os.environ["ECHO_PORT"])))
conn.sendall(b"hello, server")
while True:
    print("y" * 65536)
