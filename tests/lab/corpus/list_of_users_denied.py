# Users are given; a stranger is told so.
# tasks: 1,6
# passed: leave-close
# skipped: right-password
# known: root x1
# known_passed: right-password wrong-password remembers-password leave-close
# known_failed: password-not-plain
import socket
listener = socket.socket()
listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
listener.bind(("127.0.0.1", 9090))
listener.listen(5)
users = {"root": "x1"}
while True:
    conn, address = listener.accept()
    try:
        conn.sendall("Login: ".encode())
        if not (name := conn.recv(1024).decode()):
            continue
        conn.sendall("Password: ".encode())
        password = conn.recv(1024).decode()
        if name not in users or users[name] != password:
            conn.sendall(b"Access denied")
            continue
        conn.sendall(f"Welcome, {name}".encode())
        while data := conn.recv(1024):
            conn.sendall(data)
    except OSError:
        pass
    conn.close()
