# What is added makes a long reply too long for its header: struct.error.
# tasks: 3,7,8
# framing: u16
# failed: log-file
# passed: quiet-console large-frame many-messages
import socket, struct, threading
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
            m = "Вы написали: ".encode() + rx(c, struct.unpack(">H", rx(c, 2))[0]); c.sendall(struct.pack(">H", len(m)) + m)
    except (EOFError, OSError): pass
    c.close()
s = socket.create_server(("", 9090)); print("9090", flush=True)
while True: threading.Thread(target=serve, args=(s.accept()[0],), daemon=True).start()
