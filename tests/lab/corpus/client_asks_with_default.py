# Asks for host:port, and says what Enter stands for. Right: lines.
# framing: line
# failed: 
import socket
text = input("Сервер (host:port) [localhost:9090]: ").strip() or "localhost:9090"
host, _, port = text.rpartition(":")
conn = socket.create_connection((host, int(port)))
reader = conn.makefile("rb")
try:
    while (text := input("Вы: ")) != "exit":
        conn.sendall((text + "\n").encode())
        if not (reply := reader.readline()).endswith(b"\n"):
            print("Сервер закрыл соединение")
            break
        print("Сервер:", reply.decode().rstrip())
except (EOFError, OSError) as error:
    print("Конец:", error)
conn.close()
