# Russian in Latin letters.
# tasks: 6,8
# failed: remembers-password
# passed: right-password wrong-password many-messages
import socket
listener = socket.socket()
listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
listener.bind(("127.0.0.1", 9090))
listener.listen(5)
users = {}
while True:
    conn, address = listener.accept()
    try:
        conn.sendall("Vvedite imya".encode())
        if not (name := conn.recv(1024).decode()):
            continue
        conn.sendall("Vvedite parol".encode())
        password = conn.recv(1024).decode()
        if users.setdefault(name, password) != password:
            conn.sendall(b"Wrong password")
            continue
        conn.sendall(f"Privet, {name}".encode())
        while data := conn.recv(1024):
            conn.sendall(data)
    except OSError:
        pass
    conn.close()
