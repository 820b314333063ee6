"""Half a message is an error, and nobody catches it.

Found by: leave-mid-frame
"""

from base import Server, end_program_on_error


class Broken(Server):
    def left_inside(self, conn):
        raise RuntimeError("half a message")


end_program_on_error()
Broken().main()
