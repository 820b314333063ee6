# Four digits, and what is added: a reply of more than 9999 bytes does not fit.
# tasks: 7,8
# framing: dec:4
# failed:
# passed: large-frame split-header many-messages
import socket, threading
def rx(c, n):
    d = b""
    while len(d) < n:
        x = c.recv(n - len(d))
        if not x: raise EOFError
        d += x
    return d
def serve(c):
    try:
        while True:
            m = b"Echo: " + rx(c, int(rx(c, 4))); c.sendall(str(len(m)).zfill(4).encode() + m)
    except (EOFError, OSError, ValueError): pass
    c.close()
s = socket.create_server(("", 9090)); print("9090", flush=True)
while True: threading.Thread(target=serve, args=(s.accept()[0],), daemon=True).start()
