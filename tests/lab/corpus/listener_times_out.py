# The socket that listens has a time limit, which nobody catches.
# tasks: 1
# failed: leave-close
# says: leave-close ends of a time limit
import socket
s = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind(("", 9090)); s.listen(5); s.settimeout(0.7); print("порт 9090", flush=True)
while True:
    c, _ = s.accept()
    try:
        while d := c.recv(1024): c.sendall(d)
    except OSError: pass
    c.close()
