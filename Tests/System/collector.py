"""Puts together what examples/graceful.c sends, in as many connections as it likes: the pieces go to a file, at the
place that the first line of their connection says. The arguments: a listening TCP socket's descriptor, and the file."""

import os
import socket
import sys
import threading


def collect(connection):
    with connection.makefile("rb") as lines:
        place = int(lines.readline().split()[1])
        count = 0
        while octets := lines.read1(65536):
            os.pwrite(file, octets, place + count)
            count += len(octets)
    connection.sendall(b"got %d\n" % count)
    connection.close()


listener = socket.socket(fileno=int(sys.argv[1]))
file = os.open(sys.argv[2], os.O_WRONLY | os.O_CREAT, 0o600)
while True:
    threading.Thread(target=collect, args=listener.accept()[:1], daemon=True).start()
