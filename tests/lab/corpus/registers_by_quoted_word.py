# A choice of two words in quotes, in frames of u32.
# tasks: 1,6,8
# passed: right-password wrong-password remembers-password password-not-plain many-messages
# framing: u32
import csv, hashlib, os, socket, threading
lock = threading.Lock()
def users():
    return {row[0]: row[1:] for row in csv.reader(open("accounts.csv"))} if os.path.exists("accounts.csv") else {}
def slow(password, salt):
    return hashlib.pbkdf2_hmac("sha256", password.encode(), salt, 1000).hex()
class Conn:
    def __init__(self, conn): self.conn = conn
    def put(self, text):
        data = text.encode()
        self.conn.sendall(len(data).to_bytes(4, "big") + data)
    def exact(self, size):
        data = b""
        while len(data) < size:
            part = self.conn.recv(size - len(data))
            if not part: raise ConnectionError
            data += part
        return data
    def ask(self, question):
        self.put(question)
        return self.get()
    def get(self): return self.exact(int.from_bytes(self.exact(4), "big")).decode()
def serve(conn):
    peer = Conn(conn)
    try:
        while True:
            word = peer.ask("Hi! Type 'login' or 'register':").strip().lower()
            if word not in ("login", "register"): continue
            name, password = peer.ask("User name:"), peer.ask("Password:")
            with lock:
                row = users().get(name)
                if word == "register" and row is None:
                    salt = os.urandom(8)
                    with open("accounts.csv", "a", newline="") as file:
                        csv.writer(file).writerow([name, salt.hex(), slow(password, salt)])
                    break
                if word == "login" and row and slow(password, bytes.fromhex(row[0])) == row[1]: break
            peer.put("No such user, a bad password, or the name is taken.")
        peer.put(f"Welcome aboard, {name}!")
        while True: peer.put(peer.get())
    except (OSError, UnicodeDecodeError):
        pass
    finally:
        conn.close()
listener = socket.create_server(("127.0.0.1", 9090))
while True:
    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
