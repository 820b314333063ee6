# Speaks first; struct.unpack of nothing ends it when a client leaves.
# tasks: 1,5,8
# failed: leave-close knows-client
# passed: many-messages
# says: leave-close @ struct.error
import socket
listener = socket.socket()
listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
listener.bind(("127.0.0.1", 9090))
listener.listen(5)
import struct
def receive(conn):
    size, = struct.unpack(">I", conn.recv(4))
    return conn.recv(size)
def send(conn, data):
    conn.sendall(struct.pack(">I", len(data)) + data)
while True:
    conn, address = listener.accept()
    send(conn, b"Your name?")
    name = receive(conn)
    send(conn, b"Welcome, " + name)
    while True:
        send(conn, receive(conn))
