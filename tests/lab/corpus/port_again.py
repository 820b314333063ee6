# Asks for a port until there is a number: Enter is none.
# tasks: 2,8
# failed: default-port
# says: default-port same question
# passed: many-messages
import socket
while True:
    try:
        port = int(input("Введите номер порта: "))
        break
    except ValueError:
        print("Это не число!")
s = socket.socket()
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind(("", port)); s.listen(5)
print("Порт", port)
while True:
    c, a = s.accept()
    try:
        while d := c.recv(1024): c.send(d)
    except OSError: pass
    c.close()
