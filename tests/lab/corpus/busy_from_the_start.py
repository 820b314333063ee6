# Sockets that do not block, in a loop that never waits.
# tasks: 1,8
# failed: no-spin
# says: no-spin before any client has come
import socket
s = socket.create_server(("", 9090)); s.setblocking(False); print("порт 9090", flush=True)
cs = []
while True:
    try: c, _ = s.accept(); c.setblocking(False); cs.append(c)
    except BlockingIOError: pass
    for c in cs[:]:
        try:
            d = c.recv(4096)
            if not d: cs.remove(c); c.close()
            else: c.setblocking(True); c.sendall(d); c.setblocking(False)
        except BlockingIOError: pass
        except OSError: cs.remove(c); c.close()
