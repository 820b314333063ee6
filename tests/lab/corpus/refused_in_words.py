# A wrong password is refused in words, and echoed to all the same.
# tasks: 6,8
# failed: wrong-password
# passed: right-password password-not-plain many-messages
# says: wrong-password in words alone
import socket, threading, json, os, hashlib
F = "users.json"; users = json.load(open(F)) if os.path.exists(F) else {}
def H(p, s): return hashlib.pbkdf2_hmac("sha256", p.encode(), s.encode(), 2000).hex()
def serve(c):
    try:
        c.sendall("Введите имя: ".encode()); n = c.recv(1000).decode().strip()
        c.sendall("Введите пароль: ".encode()); p = c.recv(1000).decode().strip()
        if not n or not p: return
        if n in users:
            if H(p, users[n][0]) == users[n][1]: c.sendall("Вы вошли".encode())
            else: c.sendall("Неверный пароль".encode())
        else:
            s = os.urandom(6).hex(); users[n] = [s, H(p, s)]; json.dump(users, open(F, "w")); c.sendall("Вы зарегистрированы".encode())
        while (d := c.recv(4096)): c.sendall(d)
    except OSError: pass
    finally: c.close()
s = socket.create_server(("", 9090)); print("9090", flush=True)
while True: threading.Thread(target=serve, args=(s.accept()[0],), daemon=True).start()
