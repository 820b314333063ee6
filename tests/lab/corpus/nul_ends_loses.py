# Messages end with a zero byte; what was read behind the first of two is thrown away.
# tasks: 7,8
# failed: merged-frames
# passed: many-messages
# framing: until:0x00
import socket, threading
def serve(c):
    buf = b""
    try:
        while d := c.recv(4096):
            buf += d
            if b"\0" in buf:
                m = buf.split(b"\0")[0]; buf = b""
                c.sendall(m + b"\0")
    except OSError: pass
    c.close()
s = socket.create_server(("", 9090)); print("порт 9090", flush=True)
while True: threading.Thread(target=serve, args=(s.accept()[0],), daemon=True).start()
