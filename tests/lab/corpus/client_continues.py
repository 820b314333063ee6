# Asks after each reply whether to go on, in Russian.
# framing: raw
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
while True:
    s.send(input("Введите сообщение: ").encode()); d = s.recv(1024)
    if not d: print("сервер отключился"); break
    print("Получено:", d.decode())
    if input("Продолжить? да/нет: ").lower() != "да": break
s.close()
