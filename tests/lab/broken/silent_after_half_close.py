"""A client that has finished sending counts as gone: its last message gets no answer.

Found by: leave-half-close
"""

import select
import socket

from base import Server


class Broken(Server):
    def echo(self, conn):
        text = self.receive_text(conn)
        readable, _, _ = select.select([conn], [], [], 0.1)
        if readable and not conn.recv(1, socket.MSG_PEEK):
            return
        self.send_text(conn, text)
        super().echo(conn)


Broken().main()
