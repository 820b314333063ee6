# Right: lines.
# framing: line
# failed: 
import os, socket
conn = socket.create_connection(("127.0.0.1", int(os.environ["ECHO_PORT"])))
reader, writer = conn.makefile("r", encoding="utf-8"), conn.makefile("w", encoding="utf-8")
while True:
    try:
        text = input()
        if text == "exit":
            break
        writer.write(text + "\n")
        writer.flush()
        reply = reader.readline()
    except (EOFError, OSError, ValueError):
        break
    if not reply.endswith("\n"):
        break
    print(reply, end="")
