# A first question that begins as a hexadecimal length would.
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
        conn.sendall(b"Choose a name")
        name = conn.recv(1024)
        conn.sendall(b"Hello, " + name)
        while name and (data := conn.recv(1024)):
            conn.sendall(data)
    except OSError:
        pass
    conn.close()
