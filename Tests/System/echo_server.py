"""Returns what it receives, on a listening TCP socket whose descriptor is the first argument."""

import socket
import sys
import threading


def echo(connection):
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    try:
        while octets := connection.recv(65536):
            connection.sendall(octets)
    except OSError:  # the other end is gone
        pass


listener = socket.socket(fileno=int(sys.argv[1]))
while True:
    threading.Thread(target=echo, args=listener.accept()[:1], daemon=True).start()
