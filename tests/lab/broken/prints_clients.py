"""One print was forgotten.

Found by: quiet-console
"""

from base import Server


class Broken(Server):
    def session(self, conn, address):
        print("Client:", *address, flush=True)
        super().session(conn, address)


Broken().main()
