# Sends texts in base64: what was typed, though it does not stand in the messages.
# framing: u32
# failed: 
import base64
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
    while (t := input("> ")) not in ("exit", "quit"):
        b = base64.b64encode(t.encode()); s.sendall(struct.pack(">I", len(b)) + b)
        r = base64.b64decode(rn(struct.unpack(">I", rn(4))[0])).decode()
        print("<<", r)
except (EOFError, KeyboardInterrupt): pass
except OSError as e: print("Ошибка:", e)
s.close()
