# Asks for a name, greets by it, and answers each message with the same word.
# tasks: 1,5,8
# failed: knows-client many-messages
# says: many-messages not with what was sent
import socket, threading
def serve(conn):
    try:
        conn.sendall("Как вас зовут? ".encode())
        if not (name := conn.recv(1024).decode()):
            return
        conn.sendall(f"Здравствуйте, {name}!".encode())
        while conn.recv(1024):
            conn.sendall("Принято".encode())
    except OSError:
        pass
    finally:
        conn.close()
listener = socket.create_server(("127.0.0.1", 9090))
while True:
    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
