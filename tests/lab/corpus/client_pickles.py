# Sends pickles behind a header of four bytes.
# framing: u32
# failed: 
import socket, os, sys, struct, threading, json, pickle, time
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
        b = pickle.dumps(t); s.sendall(struct.pack("!I", len(b)) + b); print(pickle.loads(rn(struct.unpack("!I", rn(4))[0])))
except (EOFError, OSError): pass
