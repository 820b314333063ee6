# Greets with a prompt, sends back capitals, and a prompt behind them: asks for no name.
# tasks: 1,6,8
# failed: right-password
# passed: leave-close many-messages
# skipped: wrong-password
import socketserver
class H(socketserver.StreamRequestHandler):
    def handle(self):
        self.wfile.write(b"Echo server v1.0\n>>> ")
        for line in self.rfile:
            t = line.decode("utf-8", "replace").rstrip("\r\n")
            if t == "quit": break
            self.wfile.write(f"Echo: {t.upper()}\n>>> ".encode())
socketserver.ThreadingTCPServer.allow_reuse_address = True
s = socketserver.ThreadingTCPServer(("", 9090), H); s.daemon_threads = True
print("9090", flush=True); s.serve_forever()
