# Asks for host and port, and checks the port.
# tasks: 2,8
# failed: default-port
# passed: many-messages
import socket, sys
host = input("Адрес: ") or "127.0.0.1"
port = input("Порт: ")
if not port.isdigit():
    sys.exit("Неверный порт")
listener = socket.create_server((host, int(port)))
while True:
    conn, address = listener.accept()
    with conn:
        while data := conn.recv(1024):
            conn.sendall(data)
