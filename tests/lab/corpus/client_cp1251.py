# cp1251 behind four digits that count its bytes.
# framing: dec:4
# failed: 
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
        b = t.encode("cp1251", "replace"); s.sendall(b"%04d" % len(b) + b)
        print(rn(int(rn(4))).decode("cp1251", "replace"))
except (ConnectionError, EOFError): print("конец")
s.close()
