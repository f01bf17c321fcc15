"""application.py SOCKET [KIND] - a program that uses setsc: takes an address, binds to it, says it, and waits
until its standard input ends. KIND is bound (default), unbound, listening, udp, or forked: a child that
outlives it holds the socket."""

import os
import socket
import sys

from setsc_client import SESSION_LASTING, setsc

path, kind = sys.argv[1], (sys.argv + ["bound"])[2]
sock = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM if kind == "udp" else socket.SOCK_STREAM)
address = setsc(path, sock, SESSION_LASTING)
if kind != "unbound":
    sock.bind((address, 0))
if kind == "listening":
    sock.listen()
if kind == "forked" and os.fork():
    print(address, flush=True)
    os._exit(0)
if kind != "forked":
    print(address, flush=True)
sys.stdin.read()
