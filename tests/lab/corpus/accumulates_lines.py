# Lines in a file of which each reply is the whole.
# tasks: 1,7,8
# failed: many-messages
import socket
listener = socket.socket()
listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
listener.bind(("127.0.0.1", 9090))
listener.listen(5)
while True:
    conn, address = listener.accept()
    try:
        history = ""
        for line in conn.makefile("r", encoding="utf-8"):
            history = history + line
            conn.sendall(history.replace("\n", " ").encode() + b"\n")
    except OSError:
        pass
    conn.close()
