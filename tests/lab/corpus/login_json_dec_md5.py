# Log-ins in JSON behind ten digits; MD5 without a salt.
# tasks: 6,8
# failed: password-not-plain
# passed: right-password wrong-password remembers-password many-messages
# framing: dec:10
import socket, json, threading, hashlib
HEADER = 10
db = {}
def get(conn):
    h = conn.recv(HEADER)
    if not h:
        return None
    return json.loads(conn.recv(int(h)).decode())
def put(conn, **msg):
    b = json.dumps(msg).encode()
    conn.send(f'{len(b):<{HEADER}}'.encode() + b)
def work(conn):
    m = get(conn)
    if m is None:
        return
    name = m['username']
    p = hashlib.md5(m['password'].encode()).hexdigest()
    if name not in db:
        db[name] = p
        with open('passwords.txt', 'a') as f:
            f.write(name + ' ' + p + '\n')
        put(conn, auth=True, text='new user')
    elif db[name] == p:
        put(conn, auth=True, text='hello again')
    else:
        put(conn, auth=False, text='no')
        conn.close()
        return
    while True:
        m = get(conn)
        if m is None:
            break
        put(conn, message=m['message'])
    conn.close()
try:
    for line in open('passwords.txt'):
        n, p = line.split()
        db[n] = p
except OSError:
    pass
s = socket.socket()
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind(('', 9090))
s.listen()
while True:
    c, _ = s.accept()
    threading.Thread(target=work, args=(c,)).start()
