# Reads until the client has ended its direction, then answers.
# tasks: 8
# failed: many-messages
# says: many-messages once the client has ended its direction
import socket, threading
def serve(c):
    with c:
        try:
            d = b""
            while x := c.recv(1024): d += x
            c.sendall(d)
        except OSError: pass
s = socket.create_server(("", 9090)); print("9090")
while True: threading.Thread(target=serve, args=(s.accept()[0],), daemon=True).start()
