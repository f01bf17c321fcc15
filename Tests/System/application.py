"""application.py SOCKET [KIND] [DESCRIPTOR] - a program that uses setsc: takes an address, binds to it, says it, and
waits until its standard input ends. KIND is bound (default), unbound, unbound-on-net, listening, udp, forked or
unbound-forked: a child that outlives it holds the socket, or passing: it passes the socket, which is not bound, over
the Unix socket DESCRIPTOR when its standard input ends."""

import os
import socket
import sys

from setsc_client import SESSION_LASTING, setsc

path, kind = sys.argv[1], (sys.argv + ["bound"])[2]
sock = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM if kind == "udp" else socket.SOCK_STREAM)
address = setsc(path, sock, SESSION_LASTING, on_net=kind.endswith("on-net"))
if not kind.startswith("unbound") and kind != "passing":
    sock.bind((address, 0))
if kind == "listening":
    sock.listen()
if kind.endswith("forked") and os.fork():
    print(address, flush=True)
    os._exit(0)
if not kind.endswith("forked"):
    print(address, flush=True)
sys.stdin.read()
if kind == "passing":
    socket.send_fds(socket.socket(fileno=int(sys.argv[3])), [b"!"], [sock.fileno()])
