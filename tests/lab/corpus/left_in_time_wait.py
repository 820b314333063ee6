# Closes first, on a fixed port without SO_REUSEADDR, and ends of its third client.
# tasks: 1,4,8
# failed: port-fallback many-messages
# says: port-fallback TIME_WAIT
import socket
listener = socket.socket()
listener.bind(("127.0.0.1", 9090))
listener.listen(5)
for number in range(3):
    conn, address = listener.accept()
    conn.sendall(conn.recv(1024))
    conn.close()
