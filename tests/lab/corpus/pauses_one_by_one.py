# Lines, each answer after half a second, one client at a time.
# tasks: 8
# failed: many-clients
# framing: line
# passed: many-messages
import socket, time
s = socket.create_server(("", 9090)); print("порт 9090", flush=True)
while True:
    c, _ = s.accept()
    with c, c.makefile("rwb", buffering=0) as f:
        try:
            for line in f:
                time.sleep(0.5)
                f.write(line)
        except OSError:
            pass
