# Enter is 9090; abc ends it.
# tasks: 2,8
# failed: bad-answers
# says: bad-answers @ ValueError
# passed: default-port many-messages
import socket
port = int(input("Port [9090]: ") or 9090)
listener = socket.create_server(("127.0.0.1", port))
while True:
    conn, address = listener.accept()
    with conn:
        while data := conn.recv(1024):
            conn.sendall(data)
