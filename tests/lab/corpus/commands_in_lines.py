# Commands, told in the greeting and read line by line.
# tasks: 1,6,8
# passed: right-password wrong-password remembers-password password-not-plain leave-close many-messages
# framing: line
import socket, os, json, hashlib, threading, uuid
F = "db.json"
U = json.load(open(F)) if os.path.exists(F) else {}
S = {}
HELP = "Команды: /reg имя пароль, /login имя пароль, /session ключ, /exit\n"
def serve(c):
    user = None
    f = c.makefile("r", encoding="utf-8")
    def say(t): c.sendall((t + "\n").encode())
    try:
        c.sendall(HELP.encode())
        for line in f:
            line = line.rstrip("\n"); w = line.split()
            if user: say(line) if line != "/exit" else c.shutdown(2); continue
            if len(w) == 3 and w[0] == "/reg":
                if w[1] in U: say("Имя занято")
                else:
                    s = os.urandom(8).hex(); U[w[1]] = s + ":" + hashlib.pbkdf2_hmac("sha256", w[2].encode(), s.encode(), 5000).hex()
                    json.dump(U, open(F, "w")); say("Готово, теперь /login")
            elif len(w) == 3 and w[0] == "/login":
                s, _, h = U.get(w[1], "x:y").partition(":")
                if hashlib.pbkdf2_hmac("sha256", w[2].encode(), s.encode(), 5000).hex() == h:
                    user = w[1]; k = uuid.uuid4().hex; S[k] = user; say("Вход выполнен, ключ " + k)
                else: say("Неверное имя или пароль")
            elif len(w) == 2 and w[0] == "/session" and w[1] in S: user = S[w[1]]; say("Сессия восстановлена")
            else: say("Не понимаю. " + HELP.strip())
    except OSError: pass
    finally: c.close()
s = socket.create_server(("", 9090)); print("9090")
while True: threading.Thread(target=serve, args=(s.accept()[0],), daemon=True).start()
