# A menu with an entry for those who have a token.
# tasks: 6,8
# passed: right-password wrong-password remembers-password password-not-plain token many-messages
import socket, threading, os, json, hashlib, struct, time, sys
def ask(c, q):
    c.sendall(q.encode()); d = c.recv(1024).decode().strip()
    if not d: raise EOFError
    return d
def rn(c, n):
    r = b""
    while len(r) < n:
        p = c.recv(n - len(r))
        if not p: raise EOFError
        r += p
    return r

import secrets
F="u.json"; U = json.load(open(F)) if os.path.exists(F) else {}; T = {}
def serve(c, a):
    ch = ask(c, "Меню:\n0 - выход\n1 - авторизация\n2 - регистрация\n3 - вход по токену\n> ")
    if ch == "0": return
    if ch == "3":
        t = ask(c, "Токен: ")
        if t not in T: c.sendall("Токен недействителен".encode()); return
        c.sendall(f"Добро пожаловать, {T[t]}".encode())
    else:
        n = ask(c, "Логин: "); h = hashlib.pbkdf2_hmac("sha256", ask(c, "Пароль: ").encode(), n.encode(), 999).hex()
        if ch == "2":
            if n in U: c.sendall("Логин занят".encode()); return
            U[n] = h; json.dump(U, open(F, "w"))
        elif U.get(n) != h: c.sendall("Неправильный логин или пароль".encode()); return
        t = secrets.token_hex(8); T[t] = n; c.sendall(f"Добро пожаловать! Ваш токен: {t}".encode())
    while d := c.recv(1024): c.sendall(d)

def wrap(c, a):
    try: serve(c, a)
    except (OSError, EOFError, ValueError): pass
    finally: c.close()
s = socket.create_server(("", 9090)); print("9090")
while True: threading.Thread(target=wrap, args=s.accept(), daemon=True).start()
