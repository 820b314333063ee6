# Three bytes of length: a header that no framing has.
# framing: raw
# failed: 
# why: skipped_own_form
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
        b = t.encode(); s.sendall(len(b).to_bytes(3, "big") + b)
        r = rn(int.from_bytes(rn(3), "big")).decode()
        print("<<", r)
except (EOFError, KeyboardInterrupt): pass
except OSError as e: print("Ошибка:", e)
s.close()
