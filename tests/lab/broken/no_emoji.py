"""What is beyond the 65,536 first characters becomes a question mark.

Found by: emoji
"""

from base import Server


class Broken(Server):
    def receive_text(self, conn):
        return "".join(char if ord(char) < 65536 else "?" for char in super().receive_text(conn))


Broken().main()
