# SHA-1 as bytes in a pickle.
# tasks: 6
# failed: password-not-plain remembers-password
import socket
listener = socket.socket()
listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
listener.bind(("127.0.0.1", 9090))
listener.listen(5)
import hashlib, pickle
users = {}
while True:
    conn, address = listener.accept()
    try:
        conn.sendall("Login: ".encode())
        if not (name := conn.recv(1024).decode()):
            continue
        conn.sendall("Password: ".encode())
        password = conn.recv(1024).decode()
        digest = hashlib.sha1(password.encode()).digest()
        if users.setdefault(name, digest) != digest:
            conn.sendall(b"Wrong password")
            continue
        pickle.dump(users, open("users.bin", "wb"))
        conn.sendall(f"Welcome, {name}".encode())
        while data := conn.recv(1024):
            conn.sendall(data)
    except OSError:
        pass
    conn.close()
