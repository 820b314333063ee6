# Who comes is known by an e-mail, which has to look like one.
# tasks: 6,8
# passed: right-password wrong-password remembers-password password-not-plain many-messages
import socket, sqlite3, hashlib, os, re
db = sqlite3.connect("users.db")
db.execute("create table if not exists users(mail text primary key, salt blob, hash blob)")
def talk(c, q):
    c.send(q.encode())
    r = c.recv(1024).decode().strip()
    if not r: raise EOFError
    return r
def login(c):
    mail = talk(c, "Введите e-mail:")
    while not re.match(r"[^@\s]+@[^@\s]+\.\w+$", mail):
        mail = talk(c, "Некорректный адрес. Введите e-mail:")
    row = db.execute("select salt, hash from users where mail=?", (mail,)).fetchone()
    if row is None:
        p = talk(c, "Вы у нас впервые, задайте пароль:")
        salt = os.urandom(16)
        db.execute("insert into users values(?,?,?)", (mail, salt, hashlib.scrypt(p.encode(), salt=salt, n=1024, r=8, p=1)))
        db.commit()
    else:
        p = talk(c, "Пароль:")
        if hashlib.scrypt(p.encode(), salt=row[0], n=1024, r=8, p=1) != row[1]:
            c.send("Пароль не подошел".encode())
            return False
    c.send(f"Вы вошли как {mail}".encode())
    return True
s = socket.socket()
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind(("", 9090)); s.listen(5)
print("9090")
while True:
    c, a = s.accept()
    try:
        if login(c):
            while d := c.recv(1024):
                c.send(d)
    except (OSError, EOFError):
        pass
    c.close()
