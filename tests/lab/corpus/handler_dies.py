# What serves a client dies of an exception; the server goes on.
# tasks: 1,8
# failed: many-messages
# says: many-messages @ NameError
import threading
import socket
s = socket.socket()
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind(("", 9090))
s.listen(5)
print("Сервер слушает порт 9090", flush=True)
def serve(c, addr):
    name = clients[addr[0]]
    while d := c.recv(1024):
        c.send(d)
while True:
    c, a = s.accept()
    threading.Thread(target=serve, args=(c, a)).start()
