"""Another port is taken, and nobody is told which.

Found by: port-printed
"""

from base import Server


class Broken(Server):
    def announce(self, listener, wanted):
        print("Listening", flush=True)


Broken().main()
