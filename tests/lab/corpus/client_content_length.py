# Content-Length and an empty line before the text.
# framing: raw
# failed: 
# why: skipped_length_line
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
        b = t.encode(); s.sendall(f"Content-Length: {len(b)}\r\n\r\n".encode() + b)
        h = b""
        while not h.endswith(b"\r\n\r\n"): h += rn(1)
        r = rn(int(h.split(b":")[1])).decode()
        print("<<", r)
except (EOFError, KeyboardInterrupt): pass
except OSError as e: print("Ошибка:", e)
s.close()
