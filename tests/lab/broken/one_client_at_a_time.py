"""One client is served to the end before the next is: whoever comes meanwhile waits.

Found by: many-clients
"""

from base import Server


class Broken(Server):
    def accept(self, listener):
        while True:
            self.client(*listener.accept())


Broken().main()
