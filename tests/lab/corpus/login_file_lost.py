# Looks into its file for each log-in, and empties that when it starts; port and host are asked for.
# tasks: 4,6
# failed: remembers-password
# passed: right-password wrong-password password-not-plain port-fallback port-printed
import hashlib, json, os, socket, threading
FILE = "users.json"
def users():
    return json.load(open(FILE))
def ask(conn, question):
    conn.sendall(question.encode())
    answer = conn.recv(1024).decode().strip()
    if not answer: raise EOFError
    return answer
def serve(conn):
    try:
        name, password = ask(conn, "Имя: "), ask(conn, "Пароль: ")
        digest = hashlib.scrypt(password.encode(), salt=name.encode(), n=256, r=8, p=1).hex()
        known = users()
        if known.setdefault(name, digest) != digest:
            conn.sendall("Неверный пароль\n".encode())
            return
        json.dump(known, open(FILE, "w"))
        conn.sendall(f"Здравствуйте, {name}!\n".encode())
        while data := conn.recv(1024): conn.sendall(data)
    except (OSError, EOFError): pass
    finally: conn.close()
json.dump({}, open(FILE, "w"))
host, port = input("Хост: ") or "127.0.0.1", int(input("Порт: ") or 9090)
while True:
    try:
        s = socket.create_server((host, port)); break
    except OSError: port += 1
print("Порт", port, flush=True)
while True: threading.Thread(target=serve, args=(s.accept()[0],), daemon=True).start()
