# A wrong password shuts the address out, in a file.
# tasks: 1,3,6
# failed:
# passed: right-password wrong-password password-not-plain
# skipped: remembers-password
import socket, threading, time, json, os, hashlib
def load(f): return json.load(open(f)) if os.path.exists(f) else {}
users, banned = load("users.json"), load("ban.json")
def ask(c, q):
    c.sendall(q.encode()); d = c.recv(1024)
    if not d: raise ConnectionError
    return d.decode().strip()
def h(n, p): return hashlib.pbkdf2_hmac("sha256", p.encode(), n.encode(), 1000).hex()
def serve(c, ip):
    try:
        if time.time() < banned.get(ip, 0):
            c.sendall("Доступ с вашего адреса временно закрыт\n".encode()); return
        n = ask(c, "Логин: "); p = ask(c, "Пароль: ")
        if n not in users: users[n] = h(n, p); json.dump(users, open("users.json", "w"))
        if users[n] != h(n, p):
            banned[ip] = time.time() + 600; json.dump(banned, open("ban.json", "w"))
            c.sendall("Неверный пароль\n".encode()); return
        c.sendall(f"Привет, {n}\n".encode())
        while d := c.recv(1024): c.sendall(d)
    except (OSError, UnicodeDecodeError): pass
    finally: c.close()
s = socket.create_server(("", 9090)); print(9090, flush=True)
while True:
    c, a = s.accept(); threading.Thread(target=serve, args=(c, a[0])).start()
