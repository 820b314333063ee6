# Right, without headers, by select.
# tasks: 1,8
# passed: leave-close leave-reset many-messages many-clients
import socket
listener = socket.socket()
listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
listener.bind(("127.0.0.1", 9090))
listener.listen(5)
import select
sockets = [listener]
while True:
    for ready in select.select(sockets, [], [])[0]:
        if ready is listener:
            sockets.append(listener.accept()[0])
            continue
        try:
            data = ready.recv(4096)
            if data:
                ready.sendall(data)
                continue
        except OSError:
            pass
        sockets.remove(ready)
        ready.close()
