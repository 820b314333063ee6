# What stands behind a zero byte is lost.
# tasks: 8
# framing: raw
# passed: many-messages
# says: many-messages A message is cut at a zero byte
import socket
listener = socket.socket()
listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
listener.bind(("127.0.0.1", 9090))
listener.listen(5)
while True:
    conn, address = listener.accept()
    try:
        while data := conn.recv(1024):
            conn.sendall(data.split(b"\0")[0])
    except (OSError, ValueError):
        pass
    conn.close()
