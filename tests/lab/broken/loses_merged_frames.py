"""What a read brings beyond the message is thrown away, and with it the next message.

Found by: merged-frames
"""

from base import Server


class Broken(Server):
    def receive_payload(self, conn, length):
        data = b""
        while len(data) < length:
            part = conn.recv(65536)
            if not part:
                raise EOFError
            data += part
        return data[:length]


Broken().main()
