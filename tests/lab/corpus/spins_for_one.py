# One client in all; when it has left, recv is called for ever.
# tasks: 1
# failed: no-spin
# skipped: leave-close
import socket
listener = socket.create_server(("127.0.0.1", 9090), backlog=1)
conn, address = listener.accept()
message = None
while message != "stop":
    try:
        message = conn.recv(4096).decode()
        conn.sendall(message.encode())
    except UnicodeDecodeError:
        continue
