# A token that is not known ends the server.
# tasks: 6,8
# failed: token
# passed: right-password wrong-password remembers-password password-not-plain many-messages
# says: token ends the server
import socket, secrets, json, os, hashlib
F="k.json"; U = json.load(open(F)) if os.path.exists(F) else {}
T = {}
s = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1); s.bind(("", 9090)); s.listen(); print(9090)
while True:
    c, a = s.accept()
    try:
        c.send("Логин или токен: ".encode()); n = c.recv(1024).decode()
        if not n: continue
        if len(n) == 32: n = T[n]; c.send(f"Снова здравствуйте, {n}".encode())
        else:
            c.send("Пароль: ".encode()); p = hashlib.pbkdf2_hmac("sha256", c.recv(1024), n.encode(), 3000).hex()
            if U.setdefault(n, p) != p: c.send("Неверно".encode()); continue
            json.dump(U, open(F, "w")); t = secrets.token_hex(16); T[t] = n; c.send(f"Здравствуйте, ваш токен {t}".encode())
        while d := c.recv(1024): c.send(d)
    except OSError: pass
    finally: c.close()
