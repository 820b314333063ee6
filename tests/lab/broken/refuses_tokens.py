"""A token is given out, and not found again: the hash is stored, the token itself is looked for.

Found by: token
"""

from base import Server


class Broken(Server):
    mode = "auth"

    def owner(self, token):
        return self.load("tokens.json").get(token)


Broken().main()
