"""server.py ADDRESS PORT - says which address each TCP client comes from, on standard output and to the
client, and answers every line with itself."""

import socketserver
import sys


class Client(socketserver.StreamRequestHandler):
    def handle(self):
        address = self.client_address[0]
        print(f"connection from {address}", flush=True)
        self.wfile.write(f"you are {address}\n".encode())
        for line in self.rfile:
            self.wfile.write(line)


class Server(socketserver.ThreadingTCPServer):
    address_family = socketserver.socket.AF_INET6
    daemon_threads = allow_reuse_address = True


Server((sys.argv[1], int(sys.argv[2])), Client).serve_forever()
