# Asks for name and password before it connects, and sends them first.
# framing: dec:4
# failed: 
import socket, os
def rn(n):
    b = b""
    while len(b) < n:
        x = s.recv(n - len(b))
        if not x: raise ConnectionError
        b += x
    return b
def ex(t):
    b = t.encode(); s.sendall(str(len(b)).zfill(4).encode() + b); return rn(int(rn(4))).decode()
name = input("Имя: "); pw = input("Пароль: ")
s = socket.create_connection((os.environ["ECHO_HOST"], int(os.environ["ECHO_PORT"])))
try:
    print(ex(name)); print(ex(pw))
    while (t := input(": ")) != "exit": print(ex(t))
except (ConnectionError, EOFError): pass
s.close()
