"""A station on the link that a test plays: a thread that hears what comes to a socket."""

import contextlib
import socket
import struct
import threading


class Station(threading.Thread):
    """What it trips over while it hears fails the test when it is closed."""

    def __init__(self, endpoint):
        super().__init__(daemon=True)
        self.socket = endpoint
        self._failure = None
        self._closing = False

    def hear(self, octets, sender):
        """One datagram."""
        raise NotImplementedError

    def run(self):
        try:
            while True:
                octets, sender = self.socket.recvfrom(65535)
                if not octets:  # closed
                    return
                self.hear(octets, sender)
        except Exception as error:
            if not self._closing:
                self._failure = error

    def close(self):
        self._closing = True
        with contextlib.suppress(OSError):  # ENOTCONN, though it does wake the thread
            self.socket.shutdown(socket.SHUT_RDWR)
        self.join()
        self.socket.close()
        if self._failure is not None:
            raise self._failure


def join(endpoint, group, index):
    """Hears what is sent to a multicast group on the interface of this index."""
    membership = socket.inet_pton(socket.AF_INET6, group) + struct.pack("@I", index)
    endpoint.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_JOIN_GROUP, membership)
