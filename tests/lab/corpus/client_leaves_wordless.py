# Asks at a terminal only, and leaves where there is none.
# skipped: whole-frames
import os, socket, sys
conn = socket.create_connection(("127.0.0.1", int(os.environ["ECHO_PORT"])))
while sys.stdin.isatty():
    conn.sendall(input("Message: ").encode())
    print("Echo:", conn.recv(1024).decode())
conn.close()
