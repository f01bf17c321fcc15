"""What the tests do with sockets."""

import contextlib
import socket
import struct

from hooks import SERVER

SO_COOKIE = 57
IPPROTO_MPTCP = 262
IPPROTO_UDPLITE = 136


def cookie(opened):
    return struct.unpack("=Q", opened.getsockopt(socket.SOL_SOCKET, SO_COOKIE, 8))[0]


def open_socket(type=socket.SOCK_STREAM, protocol=0):
    return socket.socket(socket.AF_INET6, type, protocol)


@contextlib.contextmanager
def tcp_server(address=SERVER):
    with open_socket() as listener:
        listener.bind((address, 0))
        listener.listen()
        yield listener


@contextlib.contextmanager
def udp_server(address=SERVER):
    with open_socket(socket.SOCK_DGRAM) as server:
        server.bind((address, 0))
        server.settimeout(5)
        yield server
