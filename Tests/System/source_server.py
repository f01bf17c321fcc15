"""source_server.py LISTENER DATAGRAMS - says to whoever comes, by TCP or UDP, the address that it came from. Its
sockets are descriptors."""

import socket
import sys
import threading

listener, datagrams = (socket.socket(fileno=int(number)) for number in sys.argv[1:3])


def answer_datagrams():
    while True:
        peer = datagrams.recvfrom(4096)[1]
        datagrams.sendto(f"{peer[0]}\n".encode(), peer)


def answer(connection, peer):
    with connection:
        try:
            connection.sendall(f"{peer[0]}\n".encode())
            while connection.recv(4096):
                pass
        except OSError:  # the other end is gone
            pass


threading.Thread(target=answer_datagrams, daemon=True).start()
while True:
    threading.Thread(target=answer, args=listener.accept(), daemon=True).start()
