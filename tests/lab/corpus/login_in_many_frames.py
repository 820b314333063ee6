# A welcome and a question in a frame each, and two frames behind the log-in.
# tasks: 6,7
# passed: right-password wrong-password remembers-password merged-frames byte-lengths
# framing: dec:6
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
def get(c): return rn(c, int(rn(c, 6))).decode()
def put(c, t): b = t.encode(); c.sendall(f"{len(b):06d}".encode() + b)
def serve(c, a):
    put(c, "Добро пожаловать"); put(c, "Введите имя"); n = get(c); put(c, "Введите пароль"); p = get(c)
    h = hashlib.sha256(p.encode() + b"pepper").hexdigest()
    if U.setdefault(n, h) != h: put(c, "Неверный пароль"); return
    json.dump(U, open(F, "w")); put(c, "Вход выполнен"); put(c, "Можно писать")
    while True: put(c, get(c))

def wrap(c, a):
    try: serve(c, a)
    except (OSError, EOFError, ValueError): pass
    finally: c.close()
s = socket.create_server(("", 9090)); print("9090")
while True: threading.Thread(target=wrap, args=s.accept(), daemon=True).start()
