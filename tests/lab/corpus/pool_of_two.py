# Two threads for all clients: the third waits.
# tasks: 8
# failed: many-clients
# passed: many-messages
# says: many-clients No more than 2 clients
import socket
from concurrent.futures import ThreadPoolExecutor
def serve(c):
    with c:
        try:
            while d := c.recv(1024): c.sendall(d)
        except OSError: pass
s = socket.create_server(("", 9090)); print("9090")
with ThreadPoolExecutor(2) as ex:
    while True: ex.submit(serve, s.accept()[0])
