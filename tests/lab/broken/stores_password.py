"""The password is stored as it is.

Found by: password-not-plain
"""

from base import Server


class Broken(Server):
    mode = "auth"

    def protect(self, password, salt):
        return f"{salt}${password}"


Broken().main()
