# Dies at once: a name that is not defined.
# tasks: 1,8
# failed: many-messages
# says: many-messages @ NameError
import socket
listener = socket.socket()
listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
listener.bind(("127.0.0.1", 9090))
listener.listen(5)
while True:
    conn, address = listener.accept()
    handle(conn)
