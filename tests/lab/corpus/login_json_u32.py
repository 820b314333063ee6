# Log-ins in JSON behind a header of four bytes, and a token that works.
# tasks: 1,6,8
# passed: right-password wrong-password remembers-password password-not-plain token many-messages
# framing: u32
import socket, struct, json, threading, hashlib, os, uuid
users = {}
tokens = {}
if os.path.exists('store.json'):
    users = json.load(open('store.json'))
def recv_all(sock, n):
    buf = b''
    while len(buf) < n:
        part = sock.recv(n - len(buf))
        if not part:
            raise ConnectionError
        buf += part
    return buf
def recv_msg(sock):
    n, = struct.unpack('!I', recv_all(sock, 4))
    return json.loads(recv_all(sock, n).decode('utf-8'))
def send_msg(sock, obj):
    data = json.dumps(obj).encode()
    sock.sendall(struct.pack('!I', len(data)) + data)
class Client(threading.Thread):
    def __init__(self, sock):
        super().__init__(daemon=True)
        self.sock = sock
        self.user = None
    def run(self):
        try:
            while True:
                m = recv_msg(self.sock)
                act = m.get('action') if isinstance(m, dict) else None
                if act == 'register':
                    if m['login'] in users:
                        send_msg(self.sock, {'result': 'error', 'reason': 'exists'})
                        continue
                    salt = os.urandom(16)
                    users[m['login']] = [salt.hex(), hashlib.pbkdf2_hmac('sha256', m['password'].encode(), salt, 5000).hex()]
                    json.dump(users, open('store.json', 'w'))
                    send_msg(self.sock, {'result': 'ok'})
                elif act == 'login':
                    u = users.get(m.get('login'))
                    if u and hashlib.pbkdf2_hmac('sha256', m['password'].encode(), bytes.fromhex(u[0]), 5000).hex() == u[1]:
                        t = uuid.uuid4().hex
                        tokens[t] = m['login']
                        self.user = m['login']
                        send_msg(self.sock, {'result': 'ok', 'token': t})
                    else:
                        send_msg(self.sock, {'result': 'error', 'reason': 'denied'})
                elif act == 'token':
                    self.user = tokens.get(m['token'])
                    send_msg(self.sock, {'result': 'ok' if self.user else 'error'})
                elif act == 'message' and self.user:
                    send_msg(self.sock, {'result': 'ok', 'message': m['message']})
                else:
                    send_msg(self.sock, {'result': 'error', 'reason': 'not authorized'})
        except (ConnectionError, ValueError, KeyError):
            pass
        finally:
            self.sock.close()
srv = socket.create_server(('127.0.0.1', 9090))
while True:
    Client(srv.accept()[0]).start()
