# Log-ins in pickles of a dict.
# tasks: 6,8
# passed: right-password wrong-password remembers-password many-messages
# framing: raw
import socket, pickle, threading, hashlib, os
users = {}
if os.path.exists('users.pkl'):
    users = pickle.load(open('users.pkl', 'rb'))
def serve(c):
    try:
        req = pickle.loads(c.recv(4096))
        salt = users.get(req['login'], (None,))[0] or os.urandom(16)
        d = hashlib.pbkdf2_hmac('sha512', req['password'].encode(), salt, 3000)
        if req['login'] not in users:
            users[req['login']] = (salt, d)
            pickle.dump(users, open('users.pkl', 'wb'))
            c.send(pickle.dumps({'ok': True, 'text': 'registered'}))
        elif users[req['login']][1] == d:
            c.send(pickle.dumps({'ok': True, 'text': 'welcome'}))
        else:
            c.send(pickle.dumps({'ok': False, 'text': 'wrong password'}))
            return
        while True:
            raw = c.recv(4096)
            if not raw:
                break
            m = pickle.loads(raw)
            c.send(pickle.dumps({'ok': True, 'text': m['text']}))
    except (OSError, pickle.UnpicklingError, KeyError, EOFError, IndexError, ValueError, TypeError):
        pass
    finally:
        c.close()
s = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind(('127.0.0.1', 9090)); s.listen()
while 1:
    threading.Thread(target=serve, args=(s.accept()[0],), daemon=True).start()
