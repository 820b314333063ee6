# Reads its input to the end, sends it as one message and prints the reply.
# framing: raw
# note: one message
# failed: many-messages
import sys
import os, socket
s = socket.socket()
s.connect(("127.0.0.1", int(os.environ.get("ECHO_PORT", 9090))))
text = sys.stdin.read()
s.sendall(text.encode())
s.shutdown(socket.SHUT_WR)
print(s.recv(65536).decode())
