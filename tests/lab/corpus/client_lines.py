# Right: lines.
# framing: line
# failed: 
import os, socket
conn = socket.create_connection(("127.0.0.1", int(os.environ["ECHO_PORT"])))
file = conn.makefile("rw", encoding="utf-8", newline="\n")
while True:
    try:
        text = input()
        if text == "exit":
            break
        file.write(text + "\n")
        file.flush()
        reply = file.readline()
    except (EOFError, OSError, ValueError):
        break
    if not reply.endswith("\n"):
        break
    print(reply, end="")
