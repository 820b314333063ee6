# Prints empty replies once the server has left, and asks on.
# framing: raw
# failed: server-leaves
import os, socket
s = socket.create_connection((os.environ["ECHO_HOST"], int(os.environ["ECHO_PORT"])))
while True:
    try: t = input("> ")
    except EOFError: break
    if t == "exit": break
    try:
        s.send(t.encode()); print("Ответ:", s.recv(1024).decode("utf-8", "replace"))
    except OSError: pass
s.close()
