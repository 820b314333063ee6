# Gives a token that is of no use yet, and repeats a name that it does not take.
# tasks: 6,8
# failed:
# passed: right-password wrong-password remembers-password password-not-plain many-messages
# skipped: token
import socket, threading, json, os, hashlib, secrets
F = "u.json"; U = json.load(open(F)) if os.path.exists(F) else {}
H = lambda p, s: hashlib.pbkdf2_hmac("sha256", p.encode(), s.encode(), 2000).hex()
def serve(c):
    ask = lambda q: (c.sendall(q.encode()), c.recv(1000).decode().strip())[1]
    try:
        n = ask("Enter your login: ")
        if not n: return
        if not n.isalnum() or len(n) > 20: c.sendall(f"Bad login {n}: letters and digits only, 20 at most\n".encode()); return
        p = ask("Enter your password: ")
        if n not in U: s = secrets.token_hex(6); U[n] = [s, H(p, s)]; json.dump(U, open(F, "w"))
        if U[n][1] != H(p, U[n][0]): c.sendall(b"Wrong password\n"); return
        c.sendall(f"Welcome, {n}! Your token is {secrets.token_hex(16)}\n".encode())
        while (d := c.recv(4096)): c.sendall(d)
    except OSError: pass
    finally: c.close()
s = socket.create_server(("", 9090)); print("9090", flush=True)
while True: threading.Thread(target=serve, args=(s.accept()[0],), daemon=True).start()
