# The length, a colon, the text: no fixed width.
# tasks: 1,7,8
# failed:
# skipped: many-messages split-header
import socket, threading
def serve(c):
    f = c.makefile("rb")
    try:
        while True:
            h = b""
            while not h.endswith(b":"):
                x = f.read(1)
                if not x: return
                h += x
            m = f.read(int(h[:-1])); c.sendall(b"%d:" % len(m) + m)
    except (OSError, ValueError): pass
    finally: c.close()
s = socket.create_server(("", 9090)); print("порт 9090", flush=True)
while True: threading.Thread(target=serve, args=(s.accept()[0],), daemon=True).start()
