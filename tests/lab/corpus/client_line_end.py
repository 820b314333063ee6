# A line end behind each text, which the header does not count.
# failed: whole-frames
import os, socket
s = socket.create_connection((os.environ["ECHO_HOST"], int(os.environ["ECHO_PORT"])))
def rn(n):
    b = b""
    while len(b) < n:
        x = s.recv(n - len(b))
        if not x: raise ConnectionError
        b += x
    return b
try:
    while (t := input("> ")) != "exit":
        b = t.encode(); s.sendall(str(len(b)).zfill(4).encode() + b + b"\n")
        print(rn(int(rn(4))).decode())
except (ConnectionError, EOFError): print("конец")
s.close()
