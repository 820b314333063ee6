"""The names are lost when the server starts.

Found by: remembers-client
"""

import os

from base import Server


class Broken(Server):
    mode = "identify"

    def open_log(self):
        super().open_log()
        if os.path.exists("names.json"):
            os.remove("names.json")


Broken().main()
