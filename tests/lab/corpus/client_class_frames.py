# Right: a class, u32 frames.
# framing: u32
# failed: 
import os, socket
class Client:
    def __init__(self, port):
        self.conn = socket.create_connection(("127.0.0.1", port))
    def exactly(self, size):
        data = bytearray()
        while len(data) < size:
            part = self.conn.recv(size - len(data))
            if not part:
                raise ConnectionError
            data += part
        return bytes(data)
    def ask(self, text):
        data = text.encode()
        self.conn.sendall(len(data).to_bytes(4, "big") + data)
        return self.exactly(int.from_bytes(self.exactly(4), "big")).decode()
client = Client(int(os.environ["ECHO_PORT"]))
try:
    while (text := input()) != "exit":
        print(client.ask(text))
except (EOFError, OSError):
    print("over")
