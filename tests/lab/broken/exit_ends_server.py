"""A client that says exit ends the server, not its conversation.

Found by: exit-word
"""

import os

from base import Server


class Broken(Server):
    def receive_text(self, conn):
        text = super().receive_text(conn)
        if text == "exit":
            os._exit(0)
        return text


Broken().main()
