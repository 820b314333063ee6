# Serves in a thread; its operator types "stop". On a busy port the thread dies, and the operator is still listened to.
# tasks: 4
# failed: port-fallback
# says: port-fallback and the second server ends
import socket, sys, threading
def serve():
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("", 9090)); listener.listen()
    print("Порт 9090", flush=True)
    while True: threading.Thread(target=client, args=listener.accept(), daemon=True).start()
def client(conn, address):
    try:
        while data := conn.recv(4096): conn.sendall(data)
    except OSError: pass
    conn.close()
threading.Thread(target=serve, daemon=True).start()
for line in sys.stdin:
    if line.strip() == "stop": break
