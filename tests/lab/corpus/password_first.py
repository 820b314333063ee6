# The password is asked for before the name.
# tasks: 6,8
# failed: password-not-plain
# passed: right-password wrong-password remembers-password many-messages
import socket, threading, os, json, hashlib
def ask(c, q):
    c.sendall(q.encode()); d = c.recv(1024).decode().strip()
    if not d: raise EOFError
    return d
F="w.json"; U = json.load(open(F)) if os.path.exists(F) else {}
def serve(c):
    try:
        p = hashlib.sha1(ask(c, "Ваш пароль: ").encode()).hexdigest(); n = ask(c, "Ваше имя: ")
        if U.setdefault(n, p) != p: c.sendall("Не узнаю вас".encode()); return
        json.dump(U, open(F, "w")); c.sendall(f"Узнаю вас, {n}".encode())
        while d := c.recv(1024): c.sendall(d)
    except (OSError, EOFError): pass
    finally: c.close()
s = socket.create_server(("", 9090)); print("9090")
while True: threading.Thread(target=serve, args=(s.accept()[0],), daemon=True).start()
