# UTF-16 in frames of u32.
# framing: u32
# failed: 
import os, socket, struct
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
        b = t.encode("utf-16"); s.sendall(struct.pack("!I", len(b)) + b)
        print(rn(struct.unpack("!I", rn(4))[0]).decode("utf-16", "replace"))
except (ConnectionError, EOFError): print("конец")
s.close()
