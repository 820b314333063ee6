"""The password is stored well, and every message is logged.

Found by: password-not-plain
"""

import logging

from base import Server


class Broken(Server):
    mode = "auth"

    def receive_text(self, conn):
        text = super().receive_text(conn)
        logging.info("message: %s", text)
        return text


Broken().main()
