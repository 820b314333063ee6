# Messages end with a word.
# tasks: 1,8
# framing: until:<END>
# passed: many-messages leave-close leave-mid-frame
import socket, threading
s = socket.socket()
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind(("", 9090)); s.listen(5)
END = b"<END>"
def serve(c):
    buf = b""
    try:
        while p := c.recv(1024):
            buf += p
            while END in buf:
                msg, buf = buf.split(END, 1)
                c.sendall(msg + END)
    except OSError: pass
    c.close()
while True:
    c, a = s.accept()
    threading.Thread(target=serve, args=(c,), daemon=True).start()
