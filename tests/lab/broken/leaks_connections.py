"""Connections are never closed, only kept: a descriptor stays for each client that ever came.

Found by: no-leak
"""

import contextlib
import socket

from base import Server


class Broken(Server):
    clients = []

    def close(self, conn):
        self.clients.append(conn)
        with contextlib.suppress(OSError):
            conn.shutdown(socket.SHUT_RDWR)


Broken().main()
