# One token for everybody.
# tasks: 6
# failed: token
# passed: right-password wrong-password remembers-password
# says: token Another client was given the same token
import socket, os, json, hashlib, threading
TOKEN = "b3d1c0ffee5566778899aabbccddeeff"
U = json.load(open("p.json")) if os.path.exists("p.json") else {}
def ask(c, q):
    c.sendall(q.encode()); d = c.recv(1024).decode().strip()
    if not d: raise EOFError
    return d
def serve(c):
    try:
        n = ask(c, "Name or token: ")
        if n != TOKEN:
            p = hashlib.sha512(("pepper" + ask(c, "Password: ")).encode()).hexdigest()
            if U.setdefault(n, p) != p:
                c.sendall(b"Access denied"); return
            json.dump(U, open("p.json", "w"))
            c.sendall(f"Welcome {n}, your token is {TOKEN}".encode())
        else: c.sendall(b"Welcome back")
        while d := c.recv(1024): c.sendall(d)
    except (OSError, EOFError): pass
    finally: c.close()
s = socket.create_server(("", 9090)); print("9090")
while True: threading.Thread(target=serve, args=(s.accept()[0],), daemon=True).start()
