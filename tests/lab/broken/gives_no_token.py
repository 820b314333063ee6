"""After the log-in there is no token: the password has to come each time.

Found by: token
"""

from base import Server


class Broken(Server):
    mode = "auth"

    def send_text(self, conn, text):
        super().send_text(conn, text.partition(" Token: ")[0])


Broken().main()
