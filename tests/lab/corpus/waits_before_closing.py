# Waits for Enter at the console before it closes a client's connection and takes the next.
# tasks: 1
# failed: leave-close
# says: leave-close keyboard
import socket
listener = socket.create_server(("127.0.0.1", 9090))
while True:
    conn, address = listener.accept()
    try:
        while data := conn.recv(1024):
            conn.sendall(data)
    except OSError:
        pass
    input("The client has left. Press Enter ")
    conn.close()
