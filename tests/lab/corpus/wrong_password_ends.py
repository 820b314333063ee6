# A wrong password ends the server.
# tasks: 6,8
# failed: wrong-password password-not-plain
# passed: right-password many-messages
# says: wrong-password A wrong password ends the server
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
    n = ask(c, "Имя: "); p = ask(c, "Пароль: ")
    if n not in U: U[n] = p[::-1]; json.dump(U, open(F, "w"))
    if U[n] != p[::-1]: os._exit(1)
    c.sendall("Привет!".encode())
    while d := c.recv(1024): c.sendall(d)

def wrap(c, a):
    try: serve(c, a)
    except (OSError, EOFError, ValueError): pass
    finally: c.close()
s = socket.create_server(("", 9090)); print("9090")
while True: threading.Thread(target=wrap, args=s.accept(), daemon=True).start()
