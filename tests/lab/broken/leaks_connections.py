"""Connections are never closed, only kept: a descriptor stays for each client that ever came.

Found by: no-leak
"""

import socket

from base import Server


class Broken(Server):
    clients = []

    def close(self, conn):
        conn.shutdown(socket.SHUT_RDWR)
        self.clients.append(conn)

    def lost(self, conn, error):
        conn.close()


Broken().main()
