# What is answered, its operator types.
# tasks: 1,8
# failed: many-messages
# says: many-messages keyboard
import socket
s = socket.socket()
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind(("", 9090))
s.listen(5)
print("Сервер слушает порт 9090", flush=True)
while True:
    c, a = s.accept()
    while True:
        d = c.recv(1024)
        if not d: break
        print("Клиент:", d.decode())
        c.send(input("Ответ: ").encode())
    c.close()
