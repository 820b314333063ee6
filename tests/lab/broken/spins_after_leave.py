"""An empty read is taken for 'nothing yet': the loop reads on, at full speed, for ever.

Found by: no-spin
"""

from base import Server


class Broken(Server):
    def session(self, conn, address):
        while True:
            try:
                super().session(conn, address)
            except EOFError:
                continue


Broken().main()
