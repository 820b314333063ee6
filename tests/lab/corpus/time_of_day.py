# Each echo has the time of day in front.
# tasks: 1,8
# passed: many-messages leave-close leave-reset
# note: The echo is not exact
import time
import socket
s = socket.socket()
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind(("", 9090))
s.listen(5)
print("Сервер слушает порт 9090", flush=True)
while True:
    c, a = s.accept()
    try:
        while True:
            d = c.recv(65536)
            if not d: break
            c.sendall(f"[{time.strftime('%H:%M:%S')}] Сервер получил: «{d.decode(errors='replace')}»".encode())
    except OSError:
        pass
    c.close()
