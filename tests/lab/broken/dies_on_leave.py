"""The empty read of a client that has left is no message: an error, and nobody catches it.

Found by: leave-close
"""

from base import Server, end_program_on_error


class Broken(Server):
    def left(self, conn):
        raise RuntimeError("no message")


end_program_on_error()
Broken().main()
