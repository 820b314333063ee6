# Frames of u32; what is no UTF-8 is taken for Latin-1.
# tasks: 7,8
# passed: many-messages
# says: many-messages decoded as latin1
import socket, struct, threading
listener = socket.socket()
listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
listener.bind(("127.0.0.1", 9090))
listener.listen(5)
def exactly(conn, size):
    data = b""
    while len(data) < size:
        part = conn.recv(size - len(data))
        if not part:
            raise EOFError
        data += part
    return data
def serve(conn):
    try:
        while True:
            data = exactly(conn, struct.unpack(">I", exactly(conn, 4))[0])
            try:
                text = data.decode()
            except UnicodeDecodeError:
                text = data.decode("latin-1")
            data = text.encode()
            conn.sendall(struct.pack(">I", len(data)) + data)
    except (OSError, EOFError):
        conn.close()
while True:
    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
