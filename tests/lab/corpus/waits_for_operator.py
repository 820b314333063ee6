# Asks its operator whether to take the next client.
# tasks: 1
# failed: leave-close
# says: leave-close keyboard
import socket
listener = socket.socket()
listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
listener.bind(("127.0.0.1", 9090))
listener.listen(5)
while input_wanted if (input_wanted := "y") else "":
    conn, address = listener.accept()
    try:
        while data := conn.recv(1024):
            conn.sendall(data)
    except OSError:
        pass
    conn.close()
    if input("next client? ") == "n":
        break
