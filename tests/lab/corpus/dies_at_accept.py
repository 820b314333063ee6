# Dies when a client connects: an index that is not there.
# tasks: 1,7,8
# failed: many-messages
# says: many-messages @ IndexError: list index out of range
import socket
listener = socket.socket()
listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
listener.bind(("127.0.0.1", 9090))
listener.listen(5)
names = []
while True:
    conn, address = listener.accept()
    conn.sendall(names[0].encode())
