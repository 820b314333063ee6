# Right: a class of socketserver, lines.
# tasks: 1,7,8
# passed: leave-close split-utf8 byte-lengths many-messages many-clients
import socketserver
class Handler(socketserver.StreamRequestHandler):
    def handle(self):
        try:
            for line in self.rfile:
                self.wfile.write(line)
        except OSError:
            pass
socketserver.ThreadingTCPServer.allow_reuse_address = True
socketserver.ThreadingTCPServer.daemon_threads = True
socketserver.ThreadingTCPServer(("127.0.0.1", 9090), Handler).serve_forever()
