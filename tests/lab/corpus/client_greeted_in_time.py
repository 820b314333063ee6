# Waits for what the server asks, 30 seconds at most.
# framing: raw
# failed: 
import os, socket, struct, sys
s = socket.create_connection((os.environ.get("ECHO_HOST", "127.0.0.1"), int(os.environ.get("ECHO_PORT", 9090))))
s.settimeout(30)
try:
    while True:
        d = s.recv(4096)
        if not d: print("Сервер закрыл соединение"); break
        print(d.decode(errors="replace"))
        t = input("Вы: ")
        if t in ("exit", "выход"): break
        s.sendall(t.encode())
except (EOFError, OSError): print("конец")
s.close()
