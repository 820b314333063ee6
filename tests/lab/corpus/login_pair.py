# Name and password in one line, unasked.
# tasks: 6,8
# passed: right-password wrong-password remembers-password many-messages
# framing: raw
import socket, threading, hashlib
db = {}
try:
    with open('users.txt') as f:
        for l in f:
            a, b = l.rstrip('\n').split(':')
            db[a] = b
except FileNotFoundError:
    pass
def one(conn):
    with conn:
        line = conn.recv(1024).decode()
        if not line:
            return
        login, password = line.strip().split(':')
        d = hashlib.sha256(('соль' + password).encode()).hexdigest()
        if login in db:
            if db[login] != d:
                conn.sendall('Ошибка: неверный пароль'.encode())
                return
        else:
            db[login] = d
            with open('users.txt', 'a') as f:
                f.write(f'{login}:{d}\n')
        conn.sendall(f'Добро пожаловать, {login}'.encode())
        while data := conn.recv(1024):
            conn.sendall(data)
s = socket.socket()
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind(('', 9090))
s.listen(5)
while True:
    c, a = s.accept()
    threading.Thread(target=one, args=[c]).start()
