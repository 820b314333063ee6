# JSON in lines; who is new logs in with auth, and whatever else is refused.
# tasks: 1,6,8
# passed: right-password wrong-password remembers-password leave-close many-messages
import socket, json, os, hashlib, threading
F = "base.json"; U = json.load(open(F)) if os.path.exists(F) else {}
def serve(c):
    f = c.makefile("rw", encoding="utf-8"); me = None
    def say(**k): f.write(json.dumps(k, ensure_ascii=False) + "\n"); f.flush()
    try:
        for l in f:
            try: m = json.loads(l)
            except ValueError: say(ошибка="не JSON"); continue
            if not isinstance(m, dict): say(ошибка="нужен объект"); continue
            t = m.get("type")
            if t == "auth":
                n, p = m.get("username", ""), m.get("password", "")
                h = hashlib.pbkdf2_hmac("sha256", p.encode(), n.encode(), 1000).hex()
                if U.setdefault(n, h) == h: me = n; json.dump(U, open(F, "w")); say(status="ok", user=n)
                else: say(status="error", text="неверный пароль")
            elif me and t == "message": say(status="ok", text=m.get("text"))
            else: say(status="error", text="сначала войдите")
    except OSError: pass
    c.close()
s = socket.create_server(("", 9090)); print("9090")
while True: threading.Thread(target=serve, args=(s.accept()[0],), daemon=True).start()
