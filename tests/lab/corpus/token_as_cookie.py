# A session is told, and taken, as SESSION=<id>; it lasts an hour. Frames of u32.
# tasks: 6,8
# framing: u32
# failed:
# passed: right-password wrong-password remembers-password password-not-plain token many-messages
import socket, struct, threading, pickle, os, uuid, time, hashlib
F = "state.pkl"
U, S = pickle.load(open(F, "rb")) if os.path.exists(F) else ({}, {})
lock = threading.Lock()
def save(): pickle.dump((U, S), open(F, "wb"))
def rx(c, n):
    d = b""
    while len(d) < n:
        x = c.recv(n - len(d))
        if not x: raise EOFError
        d += x
    return d
def get(c): return rx(c, struct.unpack("!I", rx(c, 4))[0]).decode()
def put(c, t): d = t.encode(); c.sendall(struct.pack("!I", len(d)) + d)
def H(p, s): return hashlib.pbkdf2_hmac("sha256", p.encode(), s, 3000)
def serve(c):
    try:
        put(c, "Enter SESSION=<id> if you have one, or your login:")
        t = get(c)
        if t.startswith("SESSION="):
            s = S.get(t[8:])
            if not s or s[1] < time.time(): put(c, "Session not found or expired"); return
            put(c, "Hello again, " + s[0])
        else:
            put(c, "Password:"); p = get(c)
            with lock:
                if t not in U: salt = os.urandom(8); U[t] = (salt, H(p, salt))
                elif H(p, U[t][0]) != U[t][1]: put(c, "Incorrect password"); return
                sid = str(uuid.uuid4()); S[sid] = (t, time.time() + 3600); save()
            put(c, f"Hello, {t}. SESSION={sid}")
        while True: put(c, get(c))
    except (EOFError, OSError, UnicodeError): pass
    finally: c.close()
s = socket.create_server(("", 9090)); print("9090", flush=True)
while True: threading.Thread(target=serve, args=(s.accept()[0],), daemon=True).start()
