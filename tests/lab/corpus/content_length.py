# Content-Length, an empty line, the text.
# tasks: 1,7,8
# failed:
# skipped: many-messages split-header
import socket, threading
def serve(c):
    f = c.makefile("rb")
    try:
        while l := f.readline():
            n = int(l.split(b":")[1]); f.readline(); m = f.read(n)
            c.sendall(b"Content-Length: %d\r\n\r\n" % len(m) + m)
    except (OSError, ValueError, IndexError): pass
    finally: c.close()
s = socket.create_server(("", 9090)); print("порт 9090", flush=True)
while True: threading.Thread(target=serve, args=(s.accept()[0],), daemon=True).start()
