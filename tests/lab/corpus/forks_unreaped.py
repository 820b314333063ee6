# A process for each client, none of which is waited for: they stay as zombies. A header of four bytes.
# tasks: 1,7,8
# framing: u32
# passed: many-messages many-clients leave-close leave-reset leave-half-close leave-mid-frame large-frame split-utf8 no-spin
import os, socket
def exactly(conn, count):
    data = b""
    while len(data) < count:
        part = conn.recv(count - len(data))
        if not part: raise ConnectionError
        data += part
    return data
listener = socket.socket()
listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
listener.bind(("127.0.0.1", 9090)); listener.listen()
print("Слушаю порт 9090", flush=True)
while True:
    conn, address = listener.accept()
    if os.fork():
        conn.close()
        continue
    listener.close()
    try:
        while True:
            header = exactly(conn, 4)
            conn.sendall(header + exactly(conn, int.from_bytes(header, "big")))
    except OSError:
        pass
    os._exit(0)
