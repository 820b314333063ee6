"""The console is quiet because there is no log.

Found by: log-file
"""

import logging

from base import Server


class Broken(Server):
    def open_log(self):
        logging.disable()


Broken().main()
