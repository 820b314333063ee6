# Offers to register, asks for the password twice, then for a log-in.
# tasks: 1,6,8
# passed: right-password wrong-password remembers-password password-not-plain leave-close many-messages
import socket, os, json, hashlib, threading
F = "base.json"
U = json.load(open(F)) if os.path.exists(F) else {}
def ask(c, q):
    c.sendall(q.encode()); d = c.recv(1024).decode().strip()
    if not d: raise EOFError
    return d
def serve(c):
    try:
        while True:
            n = ask(c, "Введите логин")
            if n not in U:
                a = ask(c, f"Пользователь {n} не найден. Зарегистрировать? (да/нет)")
                if a.lower() != "да": continue
                p = ask(c, "Введите новый пароль"); q = ask(c, "Повторите пароль")
                if p != q: c.sendall("Пароли не совпали. ".encode()); continue
                s = os.urandom(16).hex(); U[n] = [s, hashlib.sha512((p + s).encode()).hexdigest()]
                json.dump(U, open(F, "w")); c.sendall("Регистрация прошла успешно. Теперь войдите. ".encode()); continue
            p = ask(c, "Введите пароль"); s, h = U[n]
            if hashlib.sha512((p + s).encode()).hexdigest() == h: break
            c.sendall("Пароль не верный. ".encode())
        c.sendall(f"Вы авторизованы как {n}".encode())
        while d := c.recv(1024): c.sendall(d)
    except (OSError, EOFError): pass
    finally: c.close()
s = socket.create_server(("", 9090)); print("9090")
while True: threading.Thread(target=serve, args=(s.accept()[0],), daemon=True).start()
