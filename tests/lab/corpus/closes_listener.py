# Serves one client, and listens no more while it does.
# tasks: 1,4
# failed: leave-close
# skipped: port-fallback
import socket
s = socket.socket()
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind(("", 9090)); s.listen(1)
c, a = s.accept()
s.close()
while True:
    d = c.recv(1024)
    if not d: break
    c.send(d)
c.close()
