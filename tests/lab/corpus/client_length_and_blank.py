# The length, a blank, the text.
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
def tx(t): b = t.encode(); s.sendall(struct.pack(">I", len(b)) + b)
def rx(): return rn(struct.unpack(">I", rn(4))[0]).decode()
try:
    while (t := input("> ")) != "exit":
        b = t.encode(); s.sendall(b"%d " % len(b) + b)
        h = b""
        while not h.endswith(b" "): h += rn(1)
        print(rn(int(h)).decode())
except EOFError: pass
except OSError as e: print(e)
