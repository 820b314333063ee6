# Reads a header of ten digits, and writes nine.
# tasks: 7,8
# failed: many-messages
# says: many-messages A message in dec:10 is understood
import socket, threading
def all_(c, n):
    b = b""
    while len(b) < n:
        x = c.recv(n - len(b))
        if not x: raise ConnectionError
        b += x
    return b
def serve(c):
    try:
        while True:
            m = all_(c, int(all_(c, 10)))
            c.sendall(str(len(m)).ljust(9).encode() + m)
    except (OSError, ValueError): c.close()
s = socket.create_server(("", 9090)); print("порт 9090", flush=True)
while True: threading.Thread(target=serve, args=(s.accept()[0],), daemon=True).start()
