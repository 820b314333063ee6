# A new password is asked for twice.
# tasks: 6
# failed: remembers-password
# passed: right-password wrong-password
import socket
listener = socket.socket()
listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
listener.bind(("127.0.0.1", 9090))
listener.listen(5)
users = {}
while True:
    conn, address = listener.accept()
    try:
        conn.sendall("Login: ".encode())
        if not (name := conn.recv(1024).decode()):
            continue
        conn.sendall("Password: ".encode())
        password = conn.recv(1024).decode()
        if name not in users:
            conn.sendall(b"Repeat the password: ")
            if conn.recv(1024).decode() != password:
                continue
            users[name] = password
        elif users[name] != password:
            conn.sendall(b"Wrong password")
            continue
        conn.sendall(f"Welcome, {name}".encode())
        while data := conn.recv(1024):
            conn.sendall(data)
    except OSError:
        pass
    conn.close()
