"""A loop with an end: the conversation is over after twenty messages.

Found by: many-messages
"""

from base import Server


class Broken(Server):
    def echo(self, conn):
        for _ in range(20):
            self.send_text(conn, self.receive_text(conn))


Broken().main()
