"""An empty message is taken for the end of the conversation.

Found by: empty-message
"""

from base import Server


class Broken(Server):
    def receive_text(self, conn):
        text = super().receive_text(conn)
        if not text:
            raise EOFError
        return text


Broken().main()
