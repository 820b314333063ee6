# The same, and dies of an error.
# tasks: 1,4,8
# failed: port-fallback many-messages
import socket
listener = socket.socket()
listener.bind(("127.0.0.1", 9090))
listener.listen(5)
served = {1: "one", 2: "two"}
number = 0
while True:
    conn, address = listener.accept()
    number += 1
    conn.sendall(conn.recv(1024))
    conn.close()
    served[number]
