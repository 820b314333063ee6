# Replies are pickles.
# tasks: 8
# framing: raw
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
        while data := conn.recv(1024):
            conn.sendall(pickle.dumps(data.decode(errors="replace")))
    except (OSError, ValueError):
        pass
    conn.close()
