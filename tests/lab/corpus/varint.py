# Lengths as protobuf has them: up to 127 bytes like one byte.
# tasks: 7,8
# framing: varint
# failed:
# passed: large-frame merged-frames many-messages
import socket, threading
def one(c):
    x = c.recv(1)
    if not x: raise EOFError
    return x[0]
def serve(c):
    try:
        while True:
            n = sh = 0
            while True:
                b = one(c); n |= (b & 127) << sh; sh += 7
                if b < 128: break
            d = bytearray()
            while len(d) < n:
                x = c.recv(n - len(d))
                if not x: raise EOFError
                d += x
            h = bytearray(); k = len(d)
            while k > 127: h.append(k & 127 | 128); k >>= 7
            h.append(k); c.sendall(h + d)
    except (EOFError, OSError): pass
    c.close()
s = socket.create_server(("", 9090)); print("9090", flush=True)
while True: threading.Thread(target=serve, args=(s.accept()[0],), daemon=True).start()
