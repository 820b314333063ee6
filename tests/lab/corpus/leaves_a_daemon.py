# Starts a program that leaves its group and keeps its output.
# tasks: 8
# passed: many-messages
import subprocess
subprocess.Popen(["sleep", "600"], start_new_session=True)
import socket
listener = socket.socket()
listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
listener.bind(("127.0.0.1", 9090))
listener.listen(5)
while True:
    conn, address = listener.accept()
    try:
        while data := conn.recv(1024):
            conn.sendall(data)
    except OSError:
        pass
    conn.close()
