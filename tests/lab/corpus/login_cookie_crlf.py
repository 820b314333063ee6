# Cookies, lines that end with CR LF alone; Python drops what it has read ahead when it writes.
# tasks: 6,7,8
# failed: merged-frames
# passed: right-password wrong-password remembers-password password-not-plain token many-messages
# framing: crlf
# right: cookie token, login, sha256+salt pbkdf2, menu-less; line-based \r\n
import socket, threading, hashlib, os, secrets, json
U, T = 'u.json', 'cookies.json'
L = threading.Lock()
def rd(p):
    try: return json.load(open(p))
    except (OSError, ValueError): return {}
def wr(p, o):
    with open(p, 'w') as f: json.dump(o, f)
def hp(p, s): return hashlib.pbkdf2_hmac('sha256', p.encode(), bytes.fromhex(s), 20000).hex()
def session(c):
    f = c.makefile('rw', encoding='utf-8', newline='\r\n')
    def say(t): f.write(t + '\n'); f.flush()
    def get():
        l = f.readline()
        if not l: raise EOFError
        return l.rstrip('\r\n')
    try:
        say('Cookie or login?')
        x = get()
        with L: tok = rd(T)
        if x in tok:
            say('Welcome back, ' + tok[x])
        else:
            with L: us = rd(U)
            if x in us:
                say('Password?')
                p = get()
                if hp(p, us[x][0]) != us[x][1]:
                    say('Wrong password'); return
            else:
                say('New user, choose a password')
                p = get()
                s = os.urandom(16).hex()
                with L:
                    us = rd(U); us[x] = [s, hp(p, s)]; wr(U, us)
            t = secrets.token_hex(16)
            with L:
                tok = rd(T); tok[t] = x; wr(T, tok)
            say('Hello, ' + x + '! Your cookie: ' + t)
        while True:
            say(get())
    except (EOFError, OSError):
        pass
    finally:
        c.close()
s = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1); s.bind(('', 9090)); s.listen()
while True:
    threading.Thread(target=session, args=(s.accept()[0],), daemon=True).start()
