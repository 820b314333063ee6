# hash() of Python is stored: another one after a restart.
# tasks: 6,8
# failed: remembers-password
# passed: right-password wrong-password exit-word
# says: remembers-password the right password is refused
import socket, threading, json, os
F = "users.json"
users = json.load(open(F)) if os.path.exists(F) else {}
def ask(c, q):
    c.sendall(q.encode()); d = c.recv(1024)
    if not d: raise ConnectionError
    return d.decode().strip()
def serve(c):
    try:
        n = ask(c, "Логин: "); p = hash(ask(c, "Пароль: "))
        if n not in users: users[n] = p; json.dump(users, open(F, "w"))
        if users[n] != p: c.sendall("Пароль неверный, до свидания".encode()); return
        c.sendall("Вы вошли".encode())
        while d := c.recv(1024): c.sendall(d)
    except (OSError, UnicodeDecodeError): pass
    finally: c.close()
s = socket.create_server(("", 9090)); print("порт 9090", flush=True)
while True: threading.Thread(target=serve, args=(s.accept()[0],), daemon=True).start()
