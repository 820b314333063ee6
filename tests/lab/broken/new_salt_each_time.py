"""The salt is made anew at each check, so that the right password is refused as well.

Found by: right-password
"""

import secrets

from base import Server


class Broken(Server):
    mode = "auth"

    def protect(self, password, salt):
        return super().protect(password, secrets.token_hex(16))


Broken().main()
