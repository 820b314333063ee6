# A password has to have a capital letter and a digit; lines, and a pickle of salted digests.
# tasks: 6,8
# passed: right-password wrong-password remembers-password password-not-plain many-messages
# framing: line
import socket, pickle, hashlib, os, threading
FILE = "accounts.pkl"
acc = pickle.load(open(FILE, "rb")) if os.path.exists(FILE) else {}
def strong(p):
    return len(p) >= 8 and any(x.isupper() for x in p) and any(x.isdigit() for x in p)
class Client(threading.Thread):
    def __init__(self, conn):
        super().__init__(daemon=True); self.c = conn
    def ask(self, t):
        self.c.sendall((t + "\n").encode())
        line = self.f.readline()
        if not line: raise EOFError
        return line.strip()
    def run(self):
        try:
            with self.c, self.c.makefile("r", encoding="utf-8") as self.f:
                if self.login():
                    for line in self.f:
                        self.c.sendall(line.encode())
        except (OSError, EOFError):
            pass
    def login(self):
        n = self.ask("Имя:")
        if n not in acc:
            p = self.ask("Новый пользователь. Придумайте пароль:")
            while not strong(p):
                p = self.ask("Пароль слишком простой: нужно 8 символов, заглавная буква и цифра. Ещё раз:")
            salt = os.urandom(8)
            acc[n] = (salt, hashlib.sha256(salt + p.encode()).digest())
            pickle.dump(acc, open(FILE, "wb"))
        else:
            salt, dig = acc[n]
            if hashlib.sha256(salt + self.ask("Пароль:").encode()).digest() != dig:
                self.c.sendall("Неправильный пароль, до свидания\n".encode())
                return False
        self.c.sendall(f"Здравствуйте, {n}!\n".encode())
        return True
s = socket.create_server(("", 9090))
print("listening on 9090")
while True:
    Client(s.accept()[0]).start()
