# Replies are pickles in frames.
# tasks: 8
# framing: u32
# passed: many-messages
# note: The replies are pickle
import socket, pickle
listener = socket.socket()
listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
listener.bind(("127.0.0.1", 9090))
listener.listen(5)
while True:
    conn, address = listener.accept()
    try:
        while header := conn.recv(4, socket.MSG_WAITALL):
            data = conn.recv(int.from_bytes(header, "big"), socket.MSG_WAITALL)
            data = pickle.dumps({"text": data.decode()})
            conn.sendall(len(data).to_bytes(4, "big") + data)
    except (OSError, ValueError):
        pass
    conn.close()
