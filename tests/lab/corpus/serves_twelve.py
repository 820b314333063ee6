# Ends after twelve clients, without an error.
# tasks: 1,8
# failed: leave-close
# says: leave-close ends by itself, without an error
import socket, threading
def serve(c):
    try:
        while d := c.recv(1024): c.sendall(d)
    except OSError: pass
    c.close()
s = socket.create_server(("", 9090)); print("порт 9090", flush=True)
ts = []
for i in range(12):
    c, _ = s.accept(); t = threading.Thread(target=serve, args=(c,)); t.start(); ts.append(t)
s.close()
for t in ts: t.join()
