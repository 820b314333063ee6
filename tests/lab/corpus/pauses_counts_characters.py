# Frames of u32 that count characters, each answer after half a second.
# tasks: 1,7,8
# failed: byte-lengths
# framing: u32
# passed: many-messages many-clients large-frame leave-close leave-half-close leave-mid-frame leave-reset
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
            h = all_(c, 4); text = all_(c, int.from_bytes(h, "big")).decode(); time.sleep(0.5)
            c.sendall(len(text).to_bytes(4, "big") + text.encode())
    except (OSError, UnicodeDecodeError): c.close()
s = socket.create_server(("", 9090)); print("порт 9090", flush=True)
while True: threading.Thread(target=serve, args=(s.accept()[0],), daemon=True).start()
