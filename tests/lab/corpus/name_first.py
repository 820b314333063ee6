# The first message is a name and gets no answer; lines.
# tasks: 1,8
# passed: leave-close many-messages
# note: taken for a name
import socket
listener = socket.socket()
listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
listener.bind(("127.0.0.1", 9090))
listener.listen(5)
while True:
    conn, address = listener.accept()
    try:
        file = conn.makefile("rwb")
        name = file.readline()
        for line in file:
            file.write(line)
            file.flush()
    except OSError:
        pass
    conn.close()
