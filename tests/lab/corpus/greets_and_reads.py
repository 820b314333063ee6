# Asks for a name, greets by it, and keeps what is said to itself.
# tasks: 1,8
# failed: many-messages
# says: many-messages behind the welcome
import socket, threading
def serve(conn):
    try:
        conn.sendall("Как вас зовут? ".encode())
        if not (name := conn.recv(1024).decode()):
            return
        conn.sendall(f"Здравствуйте, {name}!".encode())
        while conn.recv(1024):
            pass
    except OSError:
        pass
    finally:
        conn.close()
listener = socket.create_server(("127.0.0.1", 9090))
while True:
    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
