"""server.py ADDRESS PORT - says on standard output which address each TCP client comes from, and answers every line
with that address and the line."""

import socketserver
import sys


class Client(socketserver.StreamRequestHandler):
    def handle(self):
        address = self.client_address[0]
        print(f"connection from {address}", flush=True)
        for line in self.rfile:
            self.wfile.write(f"{address} says: ".encode() + line)


class Server(socketserver.ThreadingTCPServer):
    address_family = socketserver.socket.AF_INET6
    daemon_threads = allow_reuse_address = True


Server((sys.argv[1], int(sys.argv[2])), Client).serve_forever()
