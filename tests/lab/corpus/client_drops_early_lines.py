# A loop of events, as in Node.js: a line that is typed before the client asks is lost.
# framing: u16
# failed: 
import os, select, socket, struct
s = socket.create_connection(("127.0.0.1", int(os.environ["ECHO_PORT"])))
lines, replies, asks = b"", b"", True
print("Сообщение: ", end="", flush=True)
while True:
    ready, _, _ = select.select([0, s], [], [])
    if s in ready:
        try: data = s.recv(4096)
        except OSError: data = b""
        if not data: print("Сервер закрыл соединение"); break
        replies += data
        while len(replies) > 1 and len(replies) >= 2 + int.from_bytes(replies[:2], "big"):
            end = 2 + int.from_bytes(replies[:2], "big")
            print("Ответ:", replies[2:end].decode()); print("Сообщение: ", end="", flush=True)
            replies, asks = replies[end:], True
    if 0 in ready:
        data = os.read(0, 4096)
        if not data: break
        *whole, lines = (lines + data).split(b"\n")
        for line in whole:
            if not asks: continue
            if line == b"exit": s.close(); raise SystemExit
            s.sendall(struct.pack("!H", len(line)) + line); asks = False
