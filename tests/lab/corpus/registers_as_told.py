# A command for newcomers that no words tell of: --register says it.
# tasks: 1,6,8
# options: --register +{name} --register {password}
# passed: right-password wrong-password remembers-password many-messages leave-close
import socket, threading, json, hashlib, os
def digest(text, salt):
    return salt + "$" + hashlib.pbkdf2_hmac("sha256", text.encode(), salt.encode(), 1000).hex()
users = {}
if os.path.exists("users.json"):
    users = json.load(open("users.json"))
def register(name, password):
    if name in users:
        return False
    users[name] = digest(password, os.urandom(8).hex())
    with open("users.json", "w") as file:
        json.dump(users, file)
    return True
def right(name, password):
    return name in users and users[name] == digest(password, users[name].split("$")[0])
listener = socket.socket()
listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
listener.bind(("127.0.0.1", 9090))
listener.listen(5)
def ask(conn, text):
    conn.sendall(text.encode())
    answer = conn.recv(1024)
    if not answer:
        raise EOFError
    return answer.decode().strip()
def serve(conn):
    try:
        log_in(conn)
        while data := conn.recv(1024):
            conn.sendall(data)
    except (OSError, EOFError):
        pass
    conn.close()
def log_in(conn):
    while True:
        name = ask(conn, "Login: ")
        password = ask(conn, "Password: ")
        if name[:1] == "+" and register(name[1:], password) or right(name, password):
            conn.sendall(b"Welcome")
            return
        conn.sendall(b"Wrong login or password. ")
while True:
    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
