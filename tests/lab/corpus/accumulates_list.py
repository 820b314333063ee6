# Joins a list that is never emptied.
# tasks: 1,8
# failed: many-messages
# says: many-messages all messages so far
import socket
listener = socket.socket()
listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
listener.bind(("127.0.0.1", 9090))
listener.listen(5)
while True:
    conn, address = listener.accept()
    try:
        parts = []
        while data := conn.recv(4096):
            parts.append(data)
            conn.sendall(b"".join(parts))
    except OSError:
        pass
    conn.close()
