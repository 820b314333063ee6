# Codes as those of FTP, with words of its own.
# tasks: 1,6,8
# passed: right-password wrong-password remembers-password password-not-plain many-messages leave-close
# framing: line
import hashlib, json, os, socketserver
users = json.load(open("users.json")) if os.path.exists("users.json") else {}
def slow(password, salt):
    return hashlib.scrypt(password.encode(), salt=bytes.fromhex(salt), n=256, r=8, p=1).hex()
class Handler(socketserver.StreamRequestHandler):
    def say(self, text):
        self.wfile.write(text.encode() + b"\r\n")
    def hear(self):
        if not (line := self.rfile.readline()):
            raise EOFError
        return line.decode(errors="replace").rstrip("\r\n")
    def handle(self):
        try:
            self.say("220 Enter your login:")
            name = self.hear()
            self.say("331 Enter your password:")
            password = self.hear()
            if name not in users:
                salt = os.urandom(8).hex()
                users[name] = [salt, slow(password, salt)]
                json.dump(users, open("users.json", "w"))
            if slow(password, users[name][0]) != users[name][1]:
                return self.say("530 Login incorrect")
            self.say(f"230 User {name} logged in")
            while True:
                self.say(self.hear())
        except (EOFError, OSError):
            pass
class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = daemon_threads = True
Server(("127.0.0.1", 9090), Handler).serve_forever()
