# One client after the other; who is silent for half a second is closed, and the next one served.
# tasks: 1,8
# failed: many-clients
# says: many-clients loses its connection
import socket
listener = socket.create_server(("127.0.0.1", 9090))
while True:
    conn, address = listener.accept()
    conn.settimeout(0.5)
    try:
        while data := conn.recv(1024):
            conn.sendall(data)
    except OSError:
        pass
    conn.close()
