"""An empty line at the question for the port is no number.

Found by: default-port
"""

from base import Server

int(input("Port: "))
Server().main()
