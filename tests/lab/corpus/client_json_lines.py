# JSON, a line each.
# framing: line
# failed: 
import os, socket
conn = socket.create_connection(("127.0.0.1", int(os.environ["ECHO_PORT"])))
import json
reader, writer = conn.makefile("r", encoding="utf-8"), conn.makefile("w", encoding="utf-8")
while True:
    try:
        text = input()
        if text == "exit":
            break
        print(json.dumps({"text": text}, ensure_ascii=False), file=writer, flush=True)
        print(json.loads(reader.readline())["text"])
    except (EOFError, OSError, ValueError):
        break
