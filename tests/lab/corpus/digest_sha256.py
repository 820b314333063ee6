# SHA-256 in base64, without a salt.
# tasks: 6
# failed: password-not-plain remembers-password
# passed: right-password wrong-password
# says: password-not-plain SHA256
import socket
listener = socket.socket()
listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
listener.bind(("127.0.0.1", 9090))
listener.listen(5)
import base64, hashlib, json
users = {}
while True:
    conn, address = listener.accept()
    try:
        conn.sendall("Login: ".encode())
        if not (name := conn.recv(1024).decode()):
            continue
        conn.sendall("Password: ".encode())
        password = conn.recv(1024).decode()
        digest = base64.b64encode(hashlib.sha256(password.encode()).digest()).decode()
        if users.setdefault(name, digest) != digest:
            conn.sendall(b"Wrong password")
            continue
        json.dump(users, open("users.json", "w"))
        conn.sendall(f"Welcome, {name}".encode())
        while data := conn.recv(1024):
            conn.sendall(data)
    except OSError:
        pass
    conn.close()
