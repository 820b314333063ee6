# "стоп" of one client ends the server.
# tasks: 8
# failed: exit-word
import socket, threading, os
def serve(c):
    try:
        while d := c.recv(1024):
            if d.decode(errors="replace").strip().lower() == "стоп": os._exit(0)
            c.sendall(d)
    except OSError: pass
    c.close()
s = socket.create_server(("", 9090)); print("порт 9090", flush=True)
while True: threading.Thread(target=serve, args=(s.accept()[0],), daemon=True).start()
