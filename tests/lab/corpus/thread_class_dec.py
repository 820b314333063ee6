# Right: a thread class, a header of ten digits.
# tasks: 1,7,8
# passed: leave-close split-header merged-frames large-frame split-utf8 many-messages many-clients
# framing: dec:10
import socket
listener = socket.socket()
listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
listener.bind(("127.0.0.1", 9090))
listener.listen(5)
import threading
class Client(threading.Thread):
    def __init__(self, conn):
        super().__init__(daemon=True)
        self.conn = conn
    def exactly(self, size):
        data = b""
        while len(data) < size:
            part = self.conn.recv(size - len(data))
            if not part:
                raise ConnectionError
            data += part
        return data
    def run(self):
        try:
            while True:
                header = self.exactly(10)
                self.conn.sendall(header + self.exactly(int(header)))
        except (OSError, ValueError):
            self.conn.close()
while True:
    Client(listener.accept()[0]).start()
