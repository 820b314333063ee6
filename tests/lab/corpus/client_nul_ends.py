# Messages end with a NUL: a form that no framing has is not examined, and no fault.
# framing: raw
# failed: 
# why: skipped_own_form
import os, socket, struct, sys
s = socket.create_connection((os.environ.get("ECHO_HOST", "127.0.0.1"), int(os.environ.get("ECHO_PORT", 9090))))
buf = b""
try:
    while (t := input("> ")) != "exit":
        s.sendall(t.encode() + b"\0")
        while b"\0" not in buf:
            d = s.recv(1024)
            if not d: raise ConnectionError
            buf += d
        r, buf = buf.split(b"\0", 1)
        print("Сервер:", r.decode())
except EOFError: pass
except ConnectionError: print("Сервер отключился")
s.close()
