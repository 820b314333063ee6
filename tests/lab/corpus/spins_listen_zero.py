# Spins after its only client, with a queue of one.
# tasks: 1
# failed: no-spin
# skipped: leave-close
import socket
listener = socket.socket()
listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
listener.bind(("127.0.0.1", 9090))
listener.listen(0)
conn, address = listener.accept()
while True:
    data = conn.recv(1024)
    if data == b"quit":
        break
    conn.sendall(data)
