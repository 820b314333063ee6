# Decodes, strips, encodes again.
# tasks: 8
# framing: dec:5
# passed: many-messages
# says: many-messages Blanks at the ends
import socket
listener = socket.socket()
listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
listener.bind(("127.0.0.1", 9090))
listener.listen(5)
while True:
    conn, address = listener.accept()
    try:
        while header := conn.recv(5, socket.MSG_WAITALL):
            data = conn.recv(int(header), socket.MSG_WAITALL)
            data = data.decode().strip().encode()
            conn.sendall(f"{len(data):05}".encode() + data)
    except (OSError, ValueError):
        pass
    conn.close()
