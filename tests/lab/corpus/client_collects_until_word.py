# Collects lines until a word of its own, sends them as one message and prints the reply.
# framing: raw
# note: one message
# failed: many-messages
import os, socket
s = socket.socket()
s.connect(("127.0.0.1", int(os.environ.get("ECHO_PORT", 9090))))
lines = []
while True:
    line = input("> ")
    if line == "конец":
        break
    lines.append(line)
s.sendall("\n".join(lines).encode())
print("Ответ:", s.recv(4096).decode())
s.close()
