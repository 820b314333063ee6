# A known name with another password is registered once more.
# tasks: 6
# failed: wrong-password password-not-plain
# passed: right-password
import socket, threading, json, os
F = "users.json"; users = json.load(open(F)) if os.path.exists(F) else []
def ask(c, q):
    c.sendall(q.encode()); d = c.recv(1024)
    if not d: raise ConnectionError
    return d.decode().strip()
def serve(c):
    try:
        n = ask(c, "Логин: "); p = ask(c, "Пароль: ")
        if [n, p] in users: c.sendall(f"С возвращением, {n}!".encode())
        else:
            users.append([n, p]); json.dump(users, open(F, "w")); c.sendall(f"Вы зарегистрированы, {n}!".encode())
        while d := c.recv(1024): c.sendall(d)
    except (OSError, UnicodeDecodeError): pass
    finally: c.close()
s = socket.create_server(("", 9090)); print("порт 9090", flush=True)
while True: threading.Thread(target=serve, args=(s.accept()[0],), daemon=True).start()
