# Three clients; a fourth is told that the server is busy.
# tasks: 8
# failed: many-clients
# passed: many-messages
# says: many-clients No more than 3 clients
import socket, threading
n = 0
L = threading.Lock()
def serve(c):
    global n
    with c:
        try:
            while d := c.recv(1024): c.sendall(d)
        except OSError: pass
    with L: n -= 1
s = socket.create_server(("", 9090)); print("9090")
while True:
    c, a = s.accept()
    with L:
        if n >= 3: c.sendall("Сервер занят, зайдите позже".encode()); c.close(); continue
        n += 1
    threading.Thread(target=serve, args=(c,), daemon=True).start()
