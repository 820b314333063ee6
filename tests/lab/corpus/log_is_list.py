# The log is a list in a file of JSON, written anew each time.
# tasks: 3
# failed:
# passed: log-file quiet-console
import socket, threading, json, time, os
F = "events.json"; lock = threading.Lock()
def log(what, a):
    with lock:
        all_ = json.load(open(F)) if os.path.exists(F) else []
        all_.append({"time": time.time(), "event": what, "ip": a[0], "port": a[1]}); json.dump(all_, open(F, "w"))
def serve(c, a):
    log("connect", a)
    try:
        while d := c.recv(1024): c.sendall(d)
    except OSError: pass
    log("leave", a); c.close()
s = socket.create_server(("", 9090)); print("порт 9090", flush=True)
while True: threading.Thread(target=serve, args=s.accept(), daemon=True).start()
