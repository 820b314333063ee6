# A process for each client, whose users are forgotten with it: everybody is new.
# tasks: 6
# failed: wrong-password
# says: wrong-password was not stored
import os, signal, socket
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
users = {}
listener = socket.create_server(("127.0.0.1", 9090))
while True:
    conn, address = listener.accept()
    if os.fork():
        conn.close()
        continue
    listener.close()
    try:
        conn.sendall("Логин?".encode())
        if name := conn.recv(100).decode():
            is_known = name in users
            conn.sendall("Пароль?".encode() if is_known else "Новый пароль?".encode())
            password = conn.recv(100).decode()
            if users.setdefault(name, password) == password:
                conn.sendall(f"Вход выполнен, {name}".encode())
                while data := conn.recv(1024):
                    conn.sendall(data)
            else:
                conn.sendall("Отказ".encode())
    except OSError:
        pass
    os._exit(0)
