# Lets in without a word, and turns away by closing.
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

F="k.json"; U = json.load(open(F)) if os.path.exists(F) else {}
def serve(c, a):
    n = ask(c, "login: "); p = ask(c, "password: ")
    h = hashlib.scrypt(p.encode(), salt=n.encode(), n=256, r=8, p=1).hex()
    if U.setdefault(n, h) != h: return
    json.dump(U, open(F, "w"))
    while d := c.recv(1024): c.sendall(d)

def wrap(c, a):
    try: serve(c, a)
    except (OSError, EOFError, ValueError): pass
    finally: c.close()
s = socket.create_server(("", 9090)); print("9090")
while True: threading.Thread(target=wrap, args=s.accept(), daemon=True).start()
