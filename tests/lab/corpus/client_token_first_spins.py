# Says a token first; does not look for the end of the connection.
# framing: raw
# failed: server-leaves
import os, socket
s = socket.socket()
s.connect(("127.0.0.1", int(os.environ.get("ECHO_PORT", 9090))))
s.send(b"TOKEN 0000")
s.recv(1024)
while True:
    try: line = input()
    except EOFError: line = "exit"
    if line == "exit": break
    s.send(line.encode())
    d = b""
    while not d:
        d = s.recv(1024)
    print(d.decode())
