# Says digits alone.
# tasks: 6
# failed: remembers-password
# passed: right-password wrong-password
import socket
s = socket.socket()
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind(("", 9090))
s.listen(5)
print("Сервер слушает порт 9090", flush=True)
users = {}
def ask(c, q):
    c.send(q.encode()); d = c.recv(1024)
    if not d: raise OSError
    return d.decode().strip()
while True:
    c, a = s.accept()
    try:
        n = ask(c, "n")
        if n in users:
            if ask(c, "p") != users[n]:
                c.send("0".encode()); c.close(); continue
            c.send("1".encode())
        else:
            users[n] = ask(c, "p")
            c.send("2".encode())
        while d := c.recv(1024): c.send(d)
    except (OSError, UnicodeDecodeError): pass
    c.close()
