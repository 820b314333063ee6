"""One answer, and the connection is closed.

Found by: many-messages
"""

from base import Server


class Broken(Server):
    def echo(self, conn):
        self.send_text(conn, self.receive_text(conn))


Broken().main()
