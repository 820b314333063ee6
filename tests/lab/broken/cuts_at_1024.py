"""No more than 1024 bytes of a message are kept, as the example had it.

Found by: large-frame
"""

from base import Server


class Broken(Server):
    def receive_payload(self, conn, length):
        return super().receive_payload(conn, length)[:1024]


Broken().main()
