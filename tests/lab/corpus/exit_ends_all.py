# One client after the other, and exit ends the program.
# tasks: 1,8
# failed: exit-word
# passed: leave-close many-messages
import socket
listener = socket.socket()
listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
listener.bind(("127.0.0.1", 9090))
listener.listen(5)
running = True
while running:
    conn, address = listener.accept()
    try:
        while data := conn.recv(1024):
            if data.decode(errors="ignore").strip() == "exit":
                running = False
                break
            conn.sendall(data)
    except OSError:
        pass
    conn.close()
