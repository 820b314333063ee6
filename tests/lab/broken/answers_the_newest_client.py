"""One variable for all connections: the answer goes to whoever came last.

Found by: many-clients
"""

from base import Server


class Broken(Server):
    newest = None

    def echo(self, conn):
        self.newest = conn
        super().echo(conn)

    def send_text(self, conn, text):
        super().send_text(self.newest or conn, text)


Broken().main()
