"""The port that was wanted is printed, not the one that it became.

Found by: port-printed
"""

from base import Server


class Broken(Server):
    def announce(self, listener, wanted):
        print(f"Listening on 127.0.0.1:{wanted}", flush=True)


Broken().main()
