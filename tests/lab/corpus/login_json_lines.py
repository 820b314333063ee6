# Log-ins in lines of JSON: the command is a field, and so is the answer.
# tasks: 1,6,8
# passed: right-password wrong-password remembers-password password-not-plain many-messages leave-close
# framing: line
import socketserver, json, hashlib, os, secrets
class Handler(socketserver.StreamRequestHandler):
    def reply(self, **kw):
        self.wfile.write((json.dumps(kw, ensure_ascii=False) + '\n').encode())
    def handle(self):
        user = None
        for line in self.rfile:
            try:
                req = json.loads(line)
                cmd = req.get('command')
            except Exception:
                self.reply(ok=False, error='bad request')
                continue
            db = self.server.db
            if cmd == 'register':
                if req['username'] in db:
                    self.reply(ok=False, error='user exists')
                else:
                    salt = os.urandom(8)
                    db[req['username']] = salt.hex() + ':' + hashlib.scrypt(req['password'].encode(), salt=salt, n=1024, r=8, p=1).hex()
                    json.dump(db, open('db.json', 'w'))
                    self.reply(ok=True, info='registered')
            elif cmd == 'login':
                rec = db.get(req['username'])
                good = False
                if rec:
                    s, d = rec.split(':')
                    good = hashlib.scrypt(req['password'].encode(), salt=bytes.fromhex(s), n=1024, r=8, p=1).hex() == d
                if good:
                    user = req['username']
                    self.reply(ok=True, token=secrets.token_hex(16))
                else:
                    self.reply(ok=False, error='wrong login or password')
            elif cmd == 'echo':
                if not user:
                    self.reply(ok=False, error='login first')
                else:
                    self.reply(ok=True, data=req['data'])
            else:
                self.reply(ok=False, error='unknown command')
class S(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
s = S(('127.0.0.1', 9090), Handler)
try:
    s.db = json.load(open('db.json'))
except FileNotFoundError:
    s.db = {}
s.serve_forever()
