# Users are given.
# tasks: 1,6,8
# passed: leave-close
# skipped: right-password wrong-password many-messages
# never: right-password leave-close
# known: olga x1
# known_passed: right-password wrong-password remembers-password leave-close many-messages exit-word
# known_failed: password-not-plain
import socket
listener = socket.socket()
listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
listener.bind(("127.0.0.1", 9090))
listener.listen(5)
users = {"olga": "x1"}
while True:
    conn, address = listener.accept()
    try:
        conn.sendall("Login: ".encode())
        if not (name := conn.recv(1024).decode()):
            continue
        conn.sendall("Password: ".encode())
        password = conn.recv(1024).decode()
        if users.get(name) != password:
            conn.sendall("Неверный логин или пароль".encode())
            continue
        conn.sendall(f"Welcome, {name}".encode())
        while data := conn.recv(1024):
            conn.sendall(data)
    except OSError:
        pass
    conn.close()
