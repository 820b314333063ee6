# The log says that it waits for clients, and nothing of any.
# tasks: 3
# failed: log-file
import socket
listener = socket.socket()
listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
listener.bind(("127.0.0.1", 9090))
listener.listen(5)
with open("server.log", "a") as log:
    print("Server started on port 9090, waiting for clients", file=log)
while True:
    conn, address = listener.accept()
    try:
        while data := conn.recv(1024):
            conn.sendall(data)
    except OSError:
        pass
    conn.close()
