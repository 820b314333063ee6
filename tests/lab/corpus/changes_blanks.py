# Blanks become underscores.
# tasks: 1,7,8
# failed: split-header
# passed: leave-close emoji many-messages
import socket
listener = socket.socket()
listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
listener.bind(("127.0.0.1", 9090))
listener.listen(5)
while True:
    conn, address = listener.accept()
    try:
        while data := conn.recv(1024):
            conn.sendall(data.replace(b" ", b"_"))
    except OSError:
        pass
    conn.close()
