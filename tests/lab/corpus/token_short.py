# A token is a number of six digits, called a session.
# tasks: 6
# failed: password-not-plain
# passed: right-password wrong-password remembers-password token
import socket, os, json, threading, random
U, T = {}, {}
if os.path.exists("p.json"): U = json.load(open("p.json"))
def ask(c, q):
    c.sendall(q.encode()); d = c.recv(1024).decode().strip()
    if not d: raise EOFError
    return d
def serve(c):
    try:
        n = ask(c, "Имя или номер сессии? ")
        if n in T: c.sendall(f"Привет снова, {T[n]}".encode())
        else:
            p = ask(c, "Пароль? ")
            if U.setdefault(n, p) != p:
                c.sendall("Пароль неверен".encode()); return
            json.dump(U, open("p.json", "w"))
            t = str(random.randint(100000, 999999)); T[t] = n
            c.sendall(f"Привет, {n}! Номер вашей сессии: {t}".encode())
        while d := c.recv(1024): c.sendall(d)
    except (OSError, EOFError): pass
    finally: c.close()
s = socket.create_server(("", 9090)); print("9090")
while True: threading.Thread(target=serve, args=(s.accept()[0],), daemon=True).start()
