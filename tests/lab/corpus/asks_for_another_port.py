# A busy port: it asks for another at its keyboard.
# tasks: 4
# failed: port-fallback
# says: port-fallback asks a person
import socket, threading
s = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
port = 9090
while True:
    try: s.bind(("", port)); break
    except OSError: port = int(input(f"Порт {port} занят. Введите другой: "))
s.listen(); print("Порт", port, flush=True)
def serve(c):
    try:
        while d := c.recv(1024): c.sendall(d)
    except OSError: pass
    c.close()
while True: threading.Thread(target=serve, args=(s.accept()[0],), daemon=True).start()
