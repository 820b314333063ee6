# Two frames of greeting, and an echo.
# tasks: 7,8
# passed: many-messages merged-frames byte-lengths
# framing: u32
import socket, threading, os, json, hashlib, struct, time, sys
def ask(c, q):
    c.sendall(q.encode()); d = c.recv(1024).decode().strip()
    if not d: raise EOFError
    return d
def rn(c, n):
    r = b""
    while len(r) < n:
        p = c.recv(n - len(r))
        if not p: raise EOFError
        r += p
    return r

def get(c): return rn(c, struct.unpack("!I", rn(c, 4))[0])
def put(c, b): c.sendall(struct.pack("!I", len(b)) + b)
def serve(c, a):
    put(c, "Здравствуйте".encode()); put(c, "Я повторяю всё, что вы скажете".encode())
    while True: put(c, get(c))

def wrap(c, a):
    try: serve(c, a)
    except (OSError, EOFError, ValueError): pass
    finally: c.close()
s = socket.create_server(("", 9090)); print("9090")
while True: threading.Thread(target=wrap, args=s.accept(), daemon=True).start()
