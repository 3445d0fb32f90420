"""An authorization server's list of keys for a test: keys.py HOST PORT CERTIFICATE KEY FILE serves FILE at https://HOST:PORT/keys."""

import http.server
import ssl
import sys

host, port, certificate, key, file = sys.argv[1:]


class Keys(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        found = self.path == "/keys"
        self.send_response(200 if found else 404)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        if found:
            self.wfile.write(open(file, "rb").read())


server = http.server.ThreadingHTTPServer((host, int(port)), Keys)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(certificate, key)
server.socket = context.wrap_socket(server.socket, server_side=True)
print("ready", flush=True)
server.serve_forever()
