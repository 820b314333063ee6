# Messages end with an empty line.
# tasks: 1,7,8
# framing: until:\r\n\r\n
# failed:
# passed: many-messages leave-close merged-frames split-utf8
import socket, threading
END = b"\r\n\r\n"
def serve(c):
    b = b""
    try:
        while True:
            x = c.recv(1024)
            if not x: break
            b += x
            while END in b:
                m, b = b.split(END, 1); c.sendall(m + END)
    except OSError: pass
    c.close()
s = socket.create_server(("", 9090)); print("9090", flush=True)
while True: threading.Thread(target=serve, args=(s.accept()[0],), daemon=True).start()
