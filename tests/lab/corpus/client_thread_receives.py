# A thread receives, and ends the client when the server has left.
# framing: raw
# failed: 
import socket, threading, os, sys
s = socket.create_connection((os.environ["ECHO_HOST"], int(os.environ["ECHO_PORT"])))
def rx():
    while True:
        try: d = s.recv(4096)
        except OSError: break
        if not d: break
        print(d.decode(errors="replace"))
    os._exit(0)
threading.Thread(target=rx, daemon=True).start()
while True:
    try: t = input()
    except EOFError: break
    if t == "exit": break
    try: s.sendall(t.encode())
    except OSError: break
s.shutdown(socket.SHUT_WR)
