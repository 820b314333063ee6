# A menu of letters in brackets; no password is compared.
# tasks: 6,8
# failed: wrong-password password-not-plain
# passed: right-password many-messages
import socket, os, threading
def ask(c, q):
    c.sendall(q.encode()); d = c.recv(1024).decode().strip()
    if not d: raise EOFError
    return d
def serve(c):
    try:
        ch = ask(c, "[R]egister or [L]ogin: ")
        n = ask(c, "username: "); p = ask(c, "password: ")
        u = dict(l.strip().split(" ") for l in open("u.txt")) if os.path.exists("u.txt") else {}
        if ch.lower().startswith("r"):
            open("u.txt", "a").write(n + " " + p + "\n"); c.sendall(b"registered, you may chat now")
        elif n in u: c.sendall(f"hello {n}".encode())
        else: c.sendall(b"no such user"); return
        while d := c.recv(1024): c.sendall(d)
    except (OSError, EOFError): pass
    finally: c.close()
s = socket.create_server(("", 9090)); print("9090")
while True: threading.Thread(target=serve, args=(s.accept()[0],), daemon=True).start()
