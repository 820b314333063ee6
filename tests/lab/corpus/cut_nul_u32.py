# What stands behind a zero byte is lost, in frames.
# tasks: 8
# framing: u32
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
        while header := conn.recv(4, socket.MSG_WAITALL):
            data = conn.recv(int.from_bytes(header, "big"), socket.MSG_WAITALL)
            data = data.split(b"\0")[0]
            conn.sendall(len(data).to_bytes(4, "big") + data)
    except (OSError, ValueError):
        pass
    conn.close()
