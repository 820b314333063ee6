# Known by address; newcomers are asked for something else, too, that nobody foresees.
# tasks: 5,8
# passed: knows-client remembers-client many-messages
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

F="k.json"
def serve(c, a):
    K = json.load(open(F)) if os.path.exists(F) else {}
    if a[0] in K: c.sendall(f"Привет, {K[a[0]]}".encode())
    else:
        n = ask(c, "Ты кто?"); k = ask(c, "Какой курс?"); K[a[0]] = n; json.dump(K, open(F, "w")); c.sendall("Ясно".encode())
    while d := c.recv(1024): c.sendall(d)

def wrap(c, a):
    try: serve(c, a)
    except (OSError, EOFError, ValueError): pass
    finally: c.close()
s = socket.create_server(("", 9090)); print("9090")
while True: threading.Thread(target=wrap, args=s.accept(), daemon=True).start()
