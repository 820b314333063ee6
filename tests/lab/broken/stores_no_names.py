"""The name is asked for and forgotten.

Found by: knows-client
"""

from base import Server


class Broken(Server):
    mode = "identify"

    def change(self, file, key, value):
        pass


Broken().main()
