# The log has the names of those who come, no address.
# tasks: 3,6
# passed: log-file quiet-console right-password
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
def log(t): open("events.txt", "a").write(time.strftime("%H:%M:%S ") + t + "\n")
def serve(c, a):
    n = ask(c, "Имя: "); p = hashlib.pbkdf2_hmac("sha256", ask(c, "Пароль: ").encode(), n.encode(), 3000).hex()
    if U.setdefault(n, p) != p: log(f"{n}: чужой"); c.sendall("Неверно".encode()); return
    json.dump(U, open(F, "w")); log(f"{n} вошёл"); c.sendall("Входи".encode())
    while d := c.recv(1024): c.sendall(d)
    log(f"{n} вышел")

def wrap(c, a):
    try: serve(c, a)
    except (OSError, EOFError, ValueError): pass
    finally: c.close()
s = socket.create_server(("", 9090)); print("9090")
while True: threading.Thread(target=wrap, args=s.accept(), daemon=True).start()
