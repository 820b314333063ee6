# socketserver, one answer a connection; half a character comes back as it is.
# tasks: 7,8
# failed: split-header many-messages
# passed: split-utf8
import socketserver
class H(socketserver.BaseRequestHandler):
    def handle(self):
        data = self.request.recv(1024)
        self.request.sendall(data)
with socketserver.TCPServer(("", 9090), H) as srv:
    srv.serve_forever()
