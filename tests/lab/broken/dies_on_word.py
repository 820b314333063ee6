"""Enter is the default; what is no number ends the server.

Found by: bad-answers
"""

from base import Server

int(input("Port: ") or 9090)
Server().main()
