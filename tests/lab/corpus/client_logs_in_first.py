# Connects, then asks for name and password, and sends both in one message.
# framing: u16le
# failed: 
import socket, os, json
s = socket.create_connection((os.environ["ECHO_HOST"], int(os.environ["ECHO_PORT"])))
def rn(n):
    b = b""
    while len(b) < n:
        x = s.recv(n - len(b))
        if not x: raise ConnectionError
        b += x
    return b
def ex(t):
    b = t.encode(); s.sendall(len(b).to_bytes(2, "little") + b); return rn(int.from_bytes(rn(2), "little")).decode()
try:
    l = input("Логин: "); p = input("Пароль: ")
    print(ex(json.dumps({"login": l, "password": p})))
    while (t := input("> ")) != "exit": print(ex(t))
except (EOFError, OSError): pass
