# Questions and answers in long sentences; the welcome says that messages are repeated.
# tasks: 6,8
# passed: right-password wrong-password remembers-password password-not-plain many-messages
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
def serve(c, a):
    n = ask(c, "Сервер приветствует Вас! Для продолжения работы необходимо пройти аутентификацию. Пожалуйста, сообщите Ваш логин\n")
    p = ask(c, "Теперь, пожалуйста, сообщите Ваш пароль. Если Вы у нас впервые, он будет сохранён\n")
    h = hashlib.pbkdf2_hmac("sha256", p.encode(), n.encode(), 3000).hex()
    if U.setdefault(n, h) != h: c.sendall("К сожалению, указанный пароль не соответствует сохранённому. Соединение будет закрыто\n".encode()); return
    json.dump(U, open(F, "w")); c.sendall("Аутентификация пройдена. Отправляйте сообщения, сервер будет их повторять\n".encode())
    while d := c.recv(1024): c.sendall(d)

def wrap(c, a):
    try: serve(c, a)
    except (OSError, EOFError, ValueError): pass
    finally: c.close()
s = socket.create_server(("", 9090)); print("9090")
while True: threading.Thread(target=wrap, args=s.accept(), daemon=True).start()
