# The first frame is a name, and acknowledged; the echo begins with the second.
# tasks: 7,8
# framing: u32
# passed: many-messages split-header byte-lengths
# note: taken for a name
import struct, threading
import socket
s = socket.socket()
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind(("", 9090))
s.listen(5)
print("Сервер слушает порт 9090", flush=True)
def rn(c, n):
    b = b""
    while len(b) < n:
        p = c.recv(n - len(b))
        if not p: raise ConnectionError
        b += p
    return b
def recv(c): return rn(c, struct.unpack("!I", rn(c, 4))[0])
def send(c, b): c.sendall(struct.pack("!I", len(b)) + b)
def serve(c):
    try:
        nick = recv(c)
        send(c, b"OK")
        while True: send(c, recv(c))
    except OSError: pass
    c.close()
while True:
    c, a = s.accept()
    threading.Thread(target=serve, args=(c,), daemon=True).start()
