# A web server.
# tasks: 8
# failed: many-messages
# says: many-messages HTTP
from http.server import HTTPServer, SimpleHTTPRequestHandler
class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *words):
        pass
HTTPServer(("127.0.0.1", 9090), Quiet).serve_forever()
