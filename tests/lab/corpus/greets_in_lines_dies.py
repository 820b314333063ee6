# Greets by a line; a client that leaves without a word ends it, as split() of nothing has no first part.
# tasks: 1,8
# failed: leave-close
# passed: many-messages
# says: leave-close @ IndexError
import socket
listener = socket.socket()
listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
listener.bind(("127.0.0.1", 9090))
listener.listen(5)
while True:
    conn, address = listener.accept()
    conn.sendall(b"Who are you?\n")
    name = conn.recv(1024).decode().split()[0]
    conn.sendall(f"Good day, {name}\n".encode())
    try:
        while data := conn.recv(1024):
            conn.sendall(data)
    except ConnectionError:
        pass
    conn.close()
