"""A socket that a worker holds, with its entry in the ledger."""

import errno
import os
import socket
from dataclasses import dataclass, field, replace

SO_COOKIE = 57
SOCKET_KINDS = {
    "tcp": (socket.SOCK_STREAM, 0), "udp": (socket.SOCK_DGRAM, 0),
    "raw": (socket.SOCK_RAW, socket.IPPROTO_ICMPV6), "ping": (socket.SOCK_DGRAM, socket.IPPROTO_ICMPV6),
    "udp-lite": (socket.SOCK_DGRAM, 136), "mptcp": (socket.SOCK_STREAM, 262),
}


def make(kind):
    return socket.socket(socket.AF_INET6, *SOCKET_KINDS[kind])


def cookie(sock):
    return int.from_bytes(sock.getsockopt(socket.SOL_SOCKET, SO_COOKIE, 8), "little")


def is_bindable(address):
    """The kernel lets a socket bind to an address only if the host has it."""
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind((address, 0))
        except OSError as error:
            return error.errno == errno.EADDRINUSE
    return True


@dataclass
class Held:
    ledger: object
    slot: int
    entry: object
    sock: socket.socket
    # Sockets of others that the connection needs: the peer of an accepted one.
    others: list = field(default_factory=list)

    def write(self, **changes):
        self.entry = replace(self.entry, **changes)
        self.ledger.write(self.slot, self.entry)

    def close(self):
        """The entry goes first: from here on nobody may rely on the address."""
        self.ledger.clear(self.slot)
        self.let_go()

    def let_go(self):
        self.sock.close()
        for other in self.others:
            other.close()

    def hand_to(self, process):
        """The process has a copy and clears the entry itself."""
        self.ledger.set_holder(self.slot, process)
        self.let_go()


def adopt(ledger, slot, entry, sock):
    """A socket that came from another process, under its own entry here."""
    held = Held(ledger, slot, entry, sock)
    held.write(holder=os.getpid())
    return held
