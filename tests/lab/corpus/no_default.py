# Asks for a port; an empty line is no number.
# tasks: 2,8
# failed: default-port
# says: default-port @ ValueError
# passed: many-messages
import socket
print("Port:", end=" ", flush=True)
port = int(input())
listener = socket.create_server(("127.0.0.1", port))
while True:
    conn, address = listener.accept()
    with conn:
        while data := conn.recv(1024):
            conn.sendall(data)
