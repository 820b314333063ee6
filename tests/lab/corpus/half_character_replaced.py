# Decodes each read with replacement characters.
# tasks: 7
# failed: split-utf8 split-header
# says: split-utf8 replaced
import socket
listener = socket.socket()
listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
listener.bind(("127.0.0.1", 9090))
listener.listen(5)
while True:
    conn, address = listener.accept()
    try:
        while data := conn.recv(1024):
            conn.sendall(data.decode("utf-8", "replace").encode())
    except OSError:
        pass
    conn.close()
