# Prints without end, and echoes.
# tasks: 8
# passed: many-messages
import socket
listener = socket.socket()
listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
listener.bind(("127.0.0.1", 9090))
listener.listen(5)
import threading, sys
def chatter():
    while True:
        sys.stdout.write("x" * 65536)
threading.Thread(target=chatter, daemon=True).start()
while True:
    conn, address = listener.accept()
    try:
        while data := conn.recv(1024):
            conn.sendall(data)
    except OSError:
        pass
    conn.close()
