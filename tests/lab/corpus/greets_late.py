# Asks for the name after a pause, every time.
# tasks: 5
# failed: knows-client
# note: The server speaks first
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

def serve(c, a):
    time.sleep(0.6); n = ask(c, "Ваше имя: "); c.sendall(f"Привет, {n}".encode())
    while d := c.recv(1024): c.sendall(d)

def wrap(c, a):
    try: serve(c, a)
    except (OSError, EOFError, ValueError): pass
    finally: c.close()
s = socket.create_server(("", 9090)); print("9090")
while True: threading.Thread(target=wrap, args=s.accept(), daemon=True).start()
