# Never stops sending.
# tasks: 8
# failed: many-messages
import socket
listener = socket.socket()
listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
listener.bind(("127.0.0.1", 9090))
listener.listen(5)
while True:
    conn, address = listener.accept()
    try:
        conn.recv(1024)
        while True:
            conn.sendall(b"y" * 65536)
    except OSError:
        pass
    conn.close()
