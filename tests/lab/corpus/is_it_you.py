# A known address is asked whether it is who it was.
# tasks: 1,5,8
# failed:
# passed: knows-client remembers-client leave-close many-messages
import socket, threading, json, os
F = "c.json"; known = json.load(open(F)) if os.path.exists(F) else {}
def ask(c, q):
    c.sendall(q.encode()); d = c.recv(1024)
    if not d: raise ConnectionError
    return d.decode().strip()
def serve(c, ip):
    try:
        if ip in known and ask(c, f"Вы {known[ip]}? (да/нет) ").lower() in ("да", "y", "yes"):
            c.sendall(f"Здравствуйте, {known[ip]}!".encode())
        else:
            known[ip] = ask(c, "Как вас зовут? "); json.dump(known, open(F, "w"))
            c.sendall(f"Очень приятно, {known[ip]}!".encode())
        while d := c.recv(1024): c.sendall(d)
    except (OSError, UnicodeDecodeError): pass
    finally: c.close()
s = socket.create_server(("", 9090)); print("порт 9090", flush=True)
while True:
    c, a = s.accept(); threading.Thread(target=serve, args=(c, a[0]), daemon=True).start()
