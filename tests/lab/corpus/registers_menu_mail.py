# A menu, and an e-mail asked for between the name and the password.
# tasks: 1,6,8
# passed: right-password wrong-password remembers-password password-not-plain leave-close many-messages
import socket, json, os, hashlib, threading
port = input("Порт [9090]: ")
port = int(port) if port.isdigit() else 9090
DB = "users.json"
users = json.load(open(DB)) if os.path.exists(DB) else {}
def ask(c, q):
    c.sendall(q.encode())
    a = c.recv(4096).decode().strip()
    if not a:
        raise ConnectionError
    return a
def h(p, s): return hashlib.pbkdf2_hmac("sha256", p.encode(), bytes.fromhex(s), 20000).hex()
def auth(c):
    while True:
        ch = ask(c, "Здравствуйте! 1 — вход, 2 — регистрация")
        if ch == "2":
            name = ask(c, "Как вас зовут?")
            mail = ask(c, "Ваша почта")
            p = ask(c, "Придумайте пароль")
            s = os.urandom(8).hex()
            users[name] = {"mail": mail, "salt": s, "hash": h(p, s)}
            json.dump(users, open(DB, "w"))
            c.sendall(f"Регистрация завершена, {name}".encode())
            return name
        elif ch == "1":
            name = ask(c, "Имя пользователя")
            p = ask(c, "Пароль")
            u = users.get(name)
            if u and u["hash"] == h(p, u["salt"]):
                c.sendall(f"С возвращением, {name}".encode())
                return name
            c.sendall("Неверные данные\n".encode())
        else:
            c.sendall("Нет такого пункта\n".encode())
def serve(c):
    try:
        auth(c)
        while (d := c.recv(4096)):
            c.sendall(d)
    except OSError:
        pass
    finally:
        c.close()
s = socket.socket()
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind(("", port)); s.listen()
print("Слушаю", port)
while True:
    c, a = s.accept()
    threading.Thread(target=serve, args=(c,), daemon=True).start()
