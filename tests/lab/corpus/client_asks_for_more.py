# Asks after each reply whether there is another message.
# framing: raw
# failed: 
import socket, os
s = socket.create_connection((os.environ["ECHO_HOST"], int(os.environ["ECHO_PORT"])))
while True:
    s.sendall(input("Текст: ").encode()); d = s.recv(4096)
    if not d: break
    print("Ответ:", d.decode())
    if input("Ещё? (y/n) ") != "y": break
s.close()
