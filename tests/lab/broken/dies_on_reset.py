"""ConnectionResetError is not caught and ends the server.

Found by: leave-reset
"""

from base import Server, end_program_on_error


class Broken(Server):
    def lost(self, conn, error):
        raise error


end_program_on_error()
Broken().main()
