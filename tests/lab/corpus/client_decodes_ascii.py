# Decodes replies as ASCII, and dies of it.
# framing: u32
# failed: whole-frames
# why: end_crashes
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
        b = t.encode(); s.sendall(struct.pack(">I", len(b)) + b)
        r = rn(struct.unpack(">I", rn(4))[0]).decode("ascii")
        print("<<", r)
except (EOFError, KeyboardInterrupt): pass
except OSError as e: print("Ошибка:", e)
s.close()
