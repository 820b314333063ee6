# A new password is asked for "ещё раз", and what follows speaks of passwords.
# tasks: 6,8
# passed: right-password wrong-password remembers-password password-not-plain many-messages
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

F="u.json"; U = json.load(open(F)) if os.path.exists(F) else {}
def H(p, s): return hashlib.pbkdf2_hmac("sha256", p.encode(), s.encode(), 9000).hex()
def serve(c, a):
    n = ask(c, "Логин:")
    if n not in U:
        p = ask(c, "Придумайте пароль:")
        if ask(c, "Введите пароль ещё раз:") != p: c.sendall("Пароли разные".encode()); return
        s = os.urandom(8).hex(); U[n] = [s, H(p, s)]; json.dump(U, open(F, "w")); c.sendall("Пароль сохранён".encode())
    else:
        s, h = U[n]
        if H(ask(c, "Введите пароль:"), s) != h: c.sendall("Вход не выполнен".encode()); return
        c.sendall("Логин и пароль верны".encode())
    while d := c.recv(1024): c.sendall(d)

def wrap(c, a):
    try: serve(c, a)
    except (OSError, EOFError, ValueError): pass
    finally: c.close()
s = socket.create_server(("", 9090)); print("9090")
while True: threading.Thread(target=wrap, args=s.accept(), daemon=True).start()
