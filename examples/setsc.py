#!/usr/bin/env python3
"""IPv6 source addresses of a continuity type, from Python and without libodm (docs/protocol.md).

As a module:

    from setsc import SESSION_LASTING, setsc
    sock = socket.socket(socket.AF_INET6, socket.SOCK_STREAM)
    sock.bind((setsc(sock, SESSION_LASTING), 0))

As a command, which prints the address that it connects from, and then the server's answers to its input:

    setsc.py [--on-net] TYPE HOST PORT
"""

import argparse
import errno
import os
import socket
import struct
import sys

FIXED, SESSION_LASTING, NON_PERSISTENT, GRACEFUL_REPLACEMENT = 1, 2, 3, 4
TYPES = {
    "fixed": FIXED,
    "session-lasting": SESSION_LASTING,
    "non-persistent": NON_PERSISTENT,
    "graceful-replacement": GRACEFUL_REPLACEMENT,
}
STATUSES = ("granted", "not supported here", "could not be had", "the request was wrong")


class SetscError(OSError):
    """No address: `errno` says why, as setsc(3) does, and `status` what kind of refusal it is."""

    def __init__(self, status, error):
        super().__init__(error, f"{STATUSES[status]}: {os.strerror(error)}")
        self.status = status


def setsc(sock, type, on_net=False):
    """Gets an address of a type for an IPv6 socket, as text; bind the socket to it.

    on_net asks for a new address from a new prefix. Raises SetscError if the daemon refuses, and OSError if
    there is no daemon.
    """
    request = struct.pack("!3sBBBH8x", b"odm", 1, 1, type, 1 if on_net else 0)
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as daemon:
        daemon.connect(os.environ.get("ODM_SOCKET") or "/run/odm/setsc")
        socket.send_fds(daemon, [request], [sock.fileno()])
        reply = daemon.recv(33)
    if len(reply) == 0:
        raise ConnectionResetError(errno.ECONNRESET, "the daemon ended before it answered")
    if len(reply) != 32 or reply[:4] != b"odm\1" or reply[4] not in (0x81, 0x80) or reply[6] >= len(STATUSES):
        raise OSError(errno.EBADMSG, "what answered does not speak the protocol")
    status, error, address = struct.unpack("!6xBxi4x16s", reply)
    if status != 0:
        raise SetscError(status, error)
    return socket.inet_ntop(socket.AF_INET6, address)


def connect(host, port, type, on_net):
    """A connection from an address of the type, or from an ordinary one if there is none."""
    server = socket.getaddrinfo(host, port, socket.AF_INET6, socket.SOCK_STREAM)[0][4]
    sock = socket.socket(socket.AF_INET6, socket.SOCK_STREAM)
    try:
        sock.bind((setsc(sock, type, on_net), 0))
    except OSError as error:
        print(f"setsc.py: {error.strerror}; going on with an ordinary address", file=sys.stderr)
    sock.connect(server)
    return sock


def main():
    parser = argparse.ArgumentParser(description="Connect from an IPv6 address of a continuity type.")
    parser.add_argument("type", choices=TYPES)
    parser.add_argument("host")
    parser.add_argument("port")
    parser.add_argument("--on-net", action="store_true", help="a new address from a new prefix")
    arguments = parser.parse_args()
    with connect(arguments.host, arguments.port, TYPES[arguments.type], arguments.on_net) as sock:
        print(f"connected from {sock.getsockname()[0]}", flush=True)
        for line in sys.stdin:
            sock.sendall(line.encode())
            answer = sock.recv(4096)
            if not answer:
                break
            print(answer.decode(), end="", flush=True)


if __name__ == "__main__":
    try:
        main()
    except OSError as error:
        sys.exit(f"setsc.py: {error}")
    except KeyboardInterrupt:
        sys.exit(130)
