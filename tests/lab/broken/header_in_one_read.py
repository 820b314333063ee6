"""The header is taken from one read, which may bring a part of it.

Found by: split-header
"""

from base import HEADER, Server


class Broken(Server):
    def receive_header(self, conn):
        header = conn.recv(HEADER)
        if not header:
            raise EOFError
        return int(header)


Broken().main()
