# Right, without headers: sockets that do not block, and a sleep of 0.3 s between two looks at them.
# tasks: 7
# failed: split-header
# passed: large-frame split-utf8 emoji
# framing: raw
import socket, time
listener = socket.create_server(("127.0.0.1", 9090))
listener.setblocking(False)
clients = []
while True:
    try:
        clients.append(listener.accept()[0])
    except BlockingIOError:
        pass
    for conn in clients[:]:
        try:
            conn.setblocking(False)
            data = conn.recv(4096)
            conn.setblocking(True)
            conn.sendall(data)
        except BlockingIOError:
            continue
        except OSError:
            data = b""
        if not data:
            clients.remove(conn)
            conn.close()
    time.sleep(0.3)
