# Frames of u32; more than 64 KiB is read, and refused in words.
# tasks: 7
# failed: 
# passed: large-frame split-utf8 emoji
# framing: u32
import socket, threading
def exact(conn, size):
    data = bytearray()
    while len(data) < size:
        if not (part := conn.recv(min(size - len(data), 65536))):
            raise ConnectionError
        data += part
    return bytes(data)
def serve(conn):
    try:
        while True:
            message = exact(conn, int.from_bytes(exact(conn, 4), "big"))
            if len(message) > 65536:
                message = b"ERROR: message is too long"
            conn.sendall(len(message).to_bytes(4, "big") + message)
    except OSError:
        pass
    conn.close()
listener = socket.create_server(("127.0.0.1", 9090))
while True:
    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
