"""Service messages go to the file, and to the console as well.

Found by: quiet-console
"""

import logging

from base import Server


class Broken(Server):
    def open_log(self):
        super().open_log()
        logging.getLogger().addHandler(logging.StreamHandler())


Broken().main()
