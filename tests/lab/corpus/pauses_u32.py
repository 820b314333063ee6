# Frames of u32, each answer after half a second.
# tasks: 1,7,8
# failed:
# framing: u32
# passed: many-messages many-clients large-frame split-utf8 leave-close leave-mid-frame
import socket, threading, time
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
            h = all_(c, 4); m = all_(c, int.from_bytes(h, "big")); time.sleep(0.5); c.sendall(h + m)
    except OSError: c.close()
s = socket.create_server(("", 9090)); print("порт 9090", flush=True)
while True: threading.Thread(target=serve, args=(s.accept()[0],), daemon=True).start()
