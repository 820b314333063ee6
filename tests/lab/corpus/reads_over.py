# Each recv asks for the whole length: the rest of a message takes the next one's beginning along.
# tasks: 7,8
# failed: merged-frames
# framing: u32
# says: merged-frames read together with the beginning of the next one
import socket, threading
def get(c, n):
    b = b""
    while len(b) < n:
        x = c.recv(n)
        if not x: raise ConnectionError
        b += x
    return b[:n]
def serve(c):
    try:
        while True:
            n = int.from_bytes(get(c, 4), "big"); m = get(c, n)
            c.sendall(n.to_bytes(4, "big") + m)
    except OSError: c.close()
s = socket.create_server(("", 9090)); print("порт 9090", flush=True)
while True: threading.Thread(target=serve, args=(s.accept()[0],), daemon=True).start()
