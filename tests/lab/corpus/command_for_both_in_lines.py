# One command, told in the greeting, in lines.
# tasks: 6,8
# passed: right-password wrong-password remembers-password password-not-plain many-messages
# framing: line
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
def serve(c, a):
    c.sendall("Сначала авторизуйтесь командой: auth <логин> <пароль>\n".encode())
    user = None
    for l in c.makefile("r", encoding="utf-8"):
        w = l.split()
        if user: c.sendall(l.encode())
        elif len(w) == 3 and w[0] == "auth":
            h = hashlib.pbkdf2_hmac("sha256", w[2].encode(), w[1].encode(), 999).hex()
            if U.setdefault(w[1], h) == h: user = w[1]; json.dump(U, open(F, "w")); c.sendall("Вы авторизованы\n".encode())
            else: c.sendall("Пароль неверный\n".encode())
        else: c.sendall("Нужна команда auth\n".encode())

def wrap(c, a):
    try: serve(c, a)
    except (OSError, EOFError, ValueError): pass
    finally: c.close()
s = socket.create_server(("", 9090)); print("9090")
while True: threading.Thread(target=wrap, args=s.accept(), daemon=True).start()
