# A greeting that ends with a question, and an echo.
# tasks: 1,5,8
# failed: knows-client
# passed: leave-close many-messages
# says: knows-client asks for no name
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
    c.sendall("Здравствуйте! Чем могу помочь?\n".encode())
    while d := c.recv(1024): c.sendall(d)

def wrap(c, a):
    try: serve(c, a)
    except (OSError, EOFError, ValueError): pass
    finally: c.close()
s = socket.create_server(("", 9090)); print("9090")
while True: threading.Thread(target=wrap, args=s.accept(), daemon=True).start()
