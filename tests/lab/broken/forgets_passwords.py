"""The users are lost when the server starts: whoever comes first then chooses the password anew.

Found by: remembers-password
"""

import os

from base import Server


class Broken(Server):
    mode = "auth"

    def open_log(self):
        super().open_log()
        if os.path.exists("users.json"):
            os.remove("users.json")


Broken().main()
