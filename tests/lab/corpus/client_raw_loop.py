# Right, without headers.
# framing: raw
# failed: 
import os, socket
conn = socket.create_connection(("127.0.0.1", int(os.environ["ECHO_PORT"])))
while True:
    try:
        text = input("> ")
    except EOFError:
        break
    if text == "exit":
        break
    if not text:
        continue
    try:
        conn.sendall(text.encode())
        data = conn.recv(4096)
    except OSError:
        break
    if not data:
        print("server has left")
        break
    print(data.decode(errors="replace"))
conn.close()
