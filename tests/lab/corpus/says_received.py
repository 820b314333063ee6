# Says that it has received something: no echo.
# tasks: 1,8
# failed: many-messages
# passed: leave-close
# says: many-messages not with what was sent
import socket
listener = socket.socket()
listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
listener.bind(("127.0.0.1", 9090))
listener.listen(5)
while True:
    conn, address = listener.accept()
    try:
        while conn.recv(1024):
            conn.sendall(b"Msg received")
    except OSError:
        pass
    conn.close()
