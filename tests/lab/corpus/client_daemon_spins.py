# A daemon thread spins on the empty reads, until the next line is typed.
# framing: raw
# failed: server-leaves
# why: leaves_spins
import os, socket, threading
s = socket.create_connection(("127.0.0.1", int(os.environ["ECHO_PORT"])))
def rx():
    while True:
        d = s.recv(1024)
        if d: print("<", d.decode(errors="replace"))
threading.Thread(target=rx, daemon=True).start()
try:
    while (t := input()) != "exit":
        s.sendall(t.encode())
except (EOFError, OSError): pass
s.close()
