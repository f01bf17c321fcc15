"""on_net.py HOST PORT - what session_lasting.c does, with an address from a prefix of its own (ON_NET)."""

import socket
import sys

from setsc import setsc

SESSION_LASTING = 2

with socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as sock:
    sock.bind((setsc(sock, SESSION_LASTING, on_net=True), 0))
    sock.connect((sys.argv[1], int(sys.argv[2])))
    print(f"connected from {sock.getsockname()[0]}", flush=True)
    for line in sys.stdin:
        sock.sendall(line.encode())
        print(sock.recv(4096).decode(), end="", flush=True)
