# Replies are JSON.
# tasks: 8
# framing: raw
# passed: many-messages
# note: The replies are JSON
import socket, json
listener = socket.socket()
listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
listener.bind(("127.0.0.1", 9090))
listener.listen(5)
while True:
    conn, address = listener.accept()
    try:
        while data := conn.recv(1024):
            conn.sendall(json.dumps({"status": "ok", "message": data.decode()}).encode())
    except (OSError, ValueError):
        pass
    conn.close()
