# Asks for a message to the server before it connects for it.
# framing: raw
# failed: many-messages
import socket, os
while True:
    try: t = input("Сообщение серверу: ")
    except EOFError: break
    if t == "exit": break
    s = socket.create_connection((os.environ["ECHO_HOST"], int(os.environ["ECHO_PORT"]))); s.sendall(t.encode()); print("Сервер ответил:", s.recv(4096).decode()); s.close()
