# Decodes each read in a thread that dies of half a character.
# tasks: 1,7,8
# failed: split-header split-utf8
import socket
listener = socket.socket()
listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
listener.bind(("127.0.0.1", 9090))
listener.listen(5)
import threading
def serve(conn):
    while True:
        try:
            data = conn.recv(2048)
        except OSError:
            break
        if not data:
            break
        print(data.decode(), end="")
        conn.sendall(data)
    conn.close()
while True:
    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
