# Asks for two messages, and ends.
# framing: u32
# failed: many-messages
import os, socket, struct, sys
s = socket.create_connection((os.environ.get("ECHO_HOST", "127.0.0.1"), int(os.environ.get("ECHO_PORT", 9090))))
def rn(n):
    b = b""
    while len(b) < n:
        x = s.recv(n - len(b))
        if not x: raise ConnectionError("сервер закрыл соединение")
        b += x
    return b
try:
    for i in range(2):
        t = input(f"Сообщение {i+1}: "); b = t.encode()
        s.sendall(struct.pack("!I", len(b)) + b)
        print("Ответ:", rn(struct.unpack("!I", rn(4))[0]).decode())
except EOFError: pass
except OSError as e: print(e)
s.close()
