# exit ends the conversation: that is right.
# tasks: 1,8
# passed: leave-close many-messages exit-word
import socket
listener = socket.socket()
listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
listener.bind(("127.0.0.1", 9090))
listener.listen(5)
while True:
    conn, address = listener.accept()
    try:
        while data := conn.recv(1024):
            if data.decode(errors="ignore").strip() in ("exit", "quit"):
                conn.sendall("Пока!".encode())
                break
            conn.sendall(data)
    except OSError:
        pass
    conn.close()
