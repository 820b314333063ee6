# Reads lines of a thousand characters, and of a reply 256 bytes: the others are thrown away.
# framing: u32
# failed: large-reply
import os, socket, sys
s = socket.create_connection((os.environ["ECHO_HOST"], int(os.environ["ECHO_PORT"])))
f = s.makefile("rb")
while (t := sys.stdin.readline(1000).rstrip("\n")) and t != "exit":
    b = t.encode()
    try: s.sendall(len(b).to_bytes(4, "big") + b)
    except OSError: break
    h = f.read(4)
    if len(h) < 4: print("the server has left"); break
    m = f.read(int.from_bytes(h, "big"))
    print(m[:256].decode("utf-8", "replace"), flush=True)
