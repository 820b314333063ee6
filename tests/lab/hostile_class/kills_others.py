# Sends SIGKILL to every process that it may send it to, then echoes.
import os, signal, socket
try:
    os.kill(-1, signal.SIGKILL)
except OSError:
    pass
s = socket.socket()
s.bind(("", 9090))
s.listen(5)
while True:
    c, a = s.accept()
    while data := c.recv(1024):
        c.sendall(data)
