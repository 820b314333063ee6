# Room for three clients; the fourth ends it, whatever the ones before have done.
# tasks: 1
# failed: leave-close
# says: leave-close error that nobody catches
import socket, threading
listener = socket.create_server(("127.0.0.1", 9090))
places = [None, None, None]
def serve(conn):
    try:
        while data := conn.recv(1024):
            conn.sendall(data)
    except OSError:
        pass
    conn.close()
count = 0
while True:
    places[count] = listener.accept()[0]
    threading.Thread(target=serve, args=(places[count],), daemon=True).start()
    count += 1
