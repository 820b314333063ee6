# A menu before each message: 1 sends one, 2 ends.
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
    while True:
        ch = input("1 - отправить сообщение, 2 - выход: ")
        if ch != "1": break
        b = input("Текст: ").encode(); s.sendall(struct.pack("!I", len(b)) + b); print("Ответ:", rn(struct.unpack("!I", rn(4))[0]).decode())
except (EOFError, OSError): pass
