# Decodes UTF-16: an odd number of bytes ends the server.
# tasks: 1,7,8
# failed: many-messages
# skipped: leave-close leave-mid-frame
# says: many-messages dies of each message
import socket
s = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind(("", 9090)); s.listen(1); print("Порт 9090", flush=True)
while True:
    c, _ = s.accept()
    while d := c.recv(1024):
        m = d.decode("utf-16"); c.send(m.encode("utf-16"))
    c.close()
