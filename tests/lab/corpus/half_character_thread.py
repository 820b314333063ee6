# A thread dies of half a character, and its client waits.
# tasks: 7
# failed: split-header split-utf8
import threading
import socket
s = socket.socket()
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind(("", 9090))
s.listen(5)
print("Сервер слушает порт 9090", flush=True)
def serve(c):
    while True:
        try:
            d = c.recv(2048)
        except OSError:
            break
        if not d: break
        t = d.decode()
        c.sendall(t.encode())
    c.close()
while True:
    c, a = s.accept()
    threading.Thread(target=serve, args=(c,), daemon=True).start()
