# The same, and closes without a word.
# tasks: 1,6
# passed: leave-close
# skipped: right-password
# known: Ivan 12345
# known_passed: right-password wrong-password remembers-password leave-close
# known_failed: password-not-plain
import socket
listener = socket.socket()
listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
listener.bind(("127.0.0.1", 9090))
listener.listen(5)
while True:
    conn, address = listener.accept()
    try:
        conn.sendall("Пароль для Ивана: ".encode())
        if conn.recv(1024) != b"12345":
            continue
        conn.sendall("Вошли".encode())
        while data := conn.recv(1024):
            conn.sendall(data)
    except OSError:
        pass
    conn.close()
