# Asks for host and port in one line.
# framing: u32
# failed: 
import socket, struct
h, p = input("Введите адрес и порт через пробел: ").split()
s = socket.create_connection((h, int(p)))
def rn(n):
    b = b""
    while len(b) < n:
        x = s.recv(n - len(b))
        if not x: raise ConnectionError("сервер закрыл соединение")
        b += x
    return b
try:
    while (t := input("> ")) not in ("exit", "quit"):
        b = t.encode(); s.sendall(struct.pack(">I", len(b)) + b)
        r = rn(struct.unpack(">I", rn(4))[0]).decode()
        print("<<", r)
except (EOFError, KeyboardInterrupt): pass
except OSError as e: print("Ошибка:", e)
s.close()
