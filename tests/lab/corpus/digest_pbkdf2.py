# Right: a salted slow hash.
# tasks: 6
# failed: remembers-password
# passed: right-password wrong-password password-not-plain
import socket
listener = socket.socket()
listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
listener.bind(("127.0.0.1", 9090))
listener.listen(5)
import hashlib, json, os
users = {}
while True:
    conn, address = listener.accept()
    try:
        conn.sendall("Login: ".encode())
        if not (name := conn.recv(1024).decode()):
            continue
        conn.sendall("Password: ".encode())
        password = conn.recv(1024).decode()
        salt = users[name][0] if name in users else os.urandom(8).hex()
        digest = hashlib.pbkdf2_hmac("sha256", password.encode(), salt.encode(), 10000).hex()
        if users.setdefault(name, [salt, digest])[1] != digest:
            conn.sendall(b"Wrong password")
            continue
        json.dump(users, open("users.json", "w"))
        conn.sendall(f"Welcome, {name}".encode())
        while data := conn.recv(1024):
            conn.sendall(data)
    except OSError:
        pass
    conn.close()
