# Each word with a capital, and an exclamation mark.
# tasks: 1,8
# passed: leave-close many-messages
import socket
listener = socket.socket()
listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
listener.bind(("127.0.0.1", 9090))
listener.listen(5)
while True:
    conn, address = listener.accept()
    try:
        while data := conn.recv(1024):
            conn.sendall((data.decode(errors="ignore").swapcase() + "!").encode())
    except OSError:
        pass
    conn.close()
