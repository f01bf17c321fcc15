"""peer_server.py DESCRIPTOR - accepts TCP connections, says to each client the address that it came from, and
keeps the connection until the client closes it."""

import selectors
import socket
import sys

listener = socket.socket(fileno=int(sys.argv[1]))
ready = selectors.DefaultSelector()
ready.register(listener, selectors.EVENT_READ)
while True:
    for key, _ in ready.select():
        if key.fileobj is listener:
            connection, peer = listener.accept()
            connection.sendall(f"{peer[0]}\n".encode())
            ready.register(connection, selectors.EVENT_READ)
            continue
        try:
            alive = key.fileobj.recv(4096)
        except OSError:
            alive = b""
        if not alive:
            ready.unregister(key.fileobj)
            key.fileobj.close()
