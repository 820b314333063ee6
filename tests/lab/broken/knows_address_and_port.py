"""The client is known by address and port, and the port is another one each time.

Found by: knows-client
"""

from base import Server


class Broken(Server):
    mode = "identify"

    def client_key(self, address):
        return f"{address[0]}:{address[1]}"


Broken().main()
