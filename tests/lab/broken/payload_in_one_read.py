"""recv(length) is believed to return all of it.

Found by: large-frame
"""

from base import Server


class Broken(Server):
    def receive_payload(self, conn, length):
        return conn.recv(length)


Broken().main()
