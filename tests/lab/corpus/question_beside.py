# A question that nobody foresees between the name and the password.
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
    n = ask(c, "Как тебя зовут, путник?")
    if n not in U:
        r = ask(c, "Из какого ты отряда?"); p = ask(c, "Придумай тайное слово (пароль):")
        U[n] = [r, hashlib.pbkdf2_hmac("sha256", p.encode(), n.encode(), 3000).hex()]; json.dump(U, open(F, "w"))
        c.sendall("Ступай с миром\n".encode())
    else:
        p = ask(c, "Твой пароль:")
        if hashlib.pbkdf2_hmac("sha256", p.encode(), n.encode(), 3000).hex() != U[n][1]: c.sendall("Прочь!\n".encode()); return
        c.sendall("Ступай с миром\n".encode())
    while d := c.recv(1024): c.sendall(d)

def wrap(c, a):
    try: serve(c, a)
    except (OSError, EOFError, ValueError): pass
    finally: c.close()
s = socket.create_server(("", 9090)); print("9090")
while True: threading.Thread(target=wrap, args=s.accept(), daemon=True).start()
