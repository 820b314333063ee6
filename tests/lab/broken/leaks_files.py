"""A file is opened for each client, and never closed.

Found by: no-leak
"""

from base import Server


class Broken(Server):
    files = []

    def session(self, conn, address):
        self.files.append(open("clients.log", "a", encoding="utf-8"))
        print(*address, file=self.files[-1], flush=True)
        super().session(conn, address)


Broken().main()
