"""The header counts characters, not bytes.

Found by: byte-lengths
"""

from base import Server


class Broken(Server):
    def header(self, data):
        return b"%08d" % len(data.decode())


Broken().main()
