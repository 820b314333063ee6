# The first message is a name, unasked; each echo begins with it.
# tasks: 1,8
# framing: raw
# passed: many-messages many-clients leave-close
# note: taken for a name
import threading
import socket
s = socket.socket()
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind(("", 9090))
s.listen(5)
print("Сервер слушает порт 9090", flush=True)
def serve(c):
    try:
        name = c.recv(1024).decode(errors="replace")
        while d := c.recv(1024):
            c.sendall(f"[{name}] ".encode() + d)
    except OSError: pass
    c.close()
while True:
    c, a = s.accept()
    threading.Thread(target=serve, args=(c,), daemon=True).start()
