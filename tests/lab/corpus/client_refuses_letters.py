# cp1251: says of an emoji that it cannot be sent, and asks again.
# framing: u32
# failed: whole-frames
# why: text_fails
import os, socket, struct, sys
s = socket.create_connection((os.environ.get("ECHO_HOST", "127.0.0.1"), int(os.environ.get("ECHO_PORT", 9090))))
def rn(n):
    b = b""
    while len(b) < n:
        x = s.recv(n - len(b))
        if not x: raise ConnectionError("сервер закрыл соединение")
        b += x
    return b
while True:
    try:
        t = input("> ")
        if t == "exit": break
        b = t.encode("cp1251"); s.sendall(struct.pack(">I", len(b)) + b)
        print(rn(struct.unpack(">I", rn(4))[0]).decode("cp1251"))
    except EOFError: break
    except UnicodeError as e: print("Не могу отправить:", e)
    except OSError as e: print("Конец", e); break
