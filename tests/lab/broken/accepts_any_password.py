"""Whoever has a name is let in, whatever the password.

Found by: wrong-password
"""

from base import Server


class Broken(Server):
    mode = "auth"

    def admit(self, name, password):
        super().admit(name, password)
        return True


Broken().main()
