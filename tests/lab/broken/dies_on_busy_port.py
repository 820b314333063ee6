"""A busy port is an error, and the server ends.

Found by: port-fallback
"""

import socket

from base import Server


class Broken(Server):
    def listen(self, port):
        return socket.create_server(("127.0.0.1", port))


Broken().main()
