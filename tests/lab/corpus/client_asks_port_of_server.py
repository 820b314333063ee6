# Asks for the port of the server.
# framing: raw
# failed: 
import socket
p = int(input("Введите порт сервера: ") or 9090)
s = socket.create_connection(("127.0.0.1", p))
try:
    while (t := input("> ")) != "exit":
        s.sendall(t.encode()); d = s.recv(65536)
        if not d: break
        print(d.decode())
except (EOFError, OSError): pass
