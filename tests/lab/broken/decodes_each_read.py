"""Each part is decoded as it comes: a character that came in two parts is an error.

Found by: split-utf8
"""

from base import Server


class Broken(Server):
    def receive_text(self, conn):
        missing = self.receive_header(conn)
        text = ""
        while missing:
            part = conn.recv(missing)
            if not part:
                raise EOFError
            missing -= len(part)
            text += part.decode()
        return text


Broken().main()
