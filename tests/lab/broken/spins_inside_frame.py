"""The loop that collects a message does not look for the empty read: it never ends.

Found by: no-spin
"""

from base import Server


class Broken(Server):
    def receive_payload(self, conn, length):
        data = b""
        while len(data) < length:
            data += conn.recv(length - len(data))
        return data


Broken().main()
