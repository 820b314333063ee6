# Known by address and port, in a pickle that changes with each client: stored, and no log.
# tasks: 3,5
# failed: knows-client log-file
import os, pickle, socket, threading
known = pickle.load(open("known.pkl", "rb")) if os.path.exists("known.pkl") else {}
def serve(conn, address):
    try:
        if address in known:
            conn.sendall(f"Привет, {known[address]}".encode())
        else:
            conn.sendall("Не узнаю вас. Имя?".encode())
            if not (name := conn.recv(1024).decode()):
                return
            known[address] = name
            pickle.dump(known, open("known.pkl", "wb"))
            conn.sendall(f"Привет, {name}".encode())
        while data := conn.recv(1024):
            conn.sendall(data)
    except OSError:
        pass
    finally:
        conn.close()
listener = socket.create_server(("127.0.0.1", 9090))
while True:
    threading.Thread(target=serve, args=listener.accept(), daemon=True).start()
