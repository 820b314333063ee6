# Whatever stands behind TOKEN lets in.
# tasks: 6
# failed: token
# passed: right-password wrong-password remembers-password
# says: token A token that nobody was given
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
F="u.json"; U = json.load(open(F)) if os.path.exists(F) else {}
def H(p, s): return hashlib.pbkdf2_hmac("sha256", p.encode(), s.encode(), 9000).hex()
def serve(c, a):
    n = ask(c, "Введите логин (или TOKEN токен): ")
    if n.startswith("TOKEN "): c.sendall("Вход по токену".encode())
    else:
        p = ask(c, "Введите пароль: ")
        s, h = U.get(n, (None, None))
        if s is None: s = os.urandom(8).hex(); U[n] = [s, H(p, s)]; json.dump(U, open(F, "w"))
        elif H(p, s) != h: c.sendall("Неверный пароль".encode()); return
        c.sendall(f"Успешно. Токен: {secrets.token_hex(16)}".encode())
    while d := c.recv(1024): c.sendall(d)

def wrap(c, a):
    try: serve(c, a)
    except (OSError, EOFError, ValueError): pass
    finally: c.close()
s = socket.create_server(("", 9090)); print("9090")
while True: threading.Thread(target=wrap, args=s.accept(), daemon=True).start()
