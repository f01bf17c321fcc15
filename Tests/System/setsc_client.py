"""The client's side of the setsc socket, frame by frame (docs/protocol.md)."""

import contextlib
import errno
import ipaddress
import select
import socket
import struct
from dataclasses import dataclass
from enum import IntEnum

FIXED, SESSION_LASTING, NON_PERSISTENT, GRACEFUL_REPLACEMENT = 1, 2, 3, 4
SETSC, GETSC, WATCH = 1, 2, 3
DEPRECATED, REPLACED, REMOVED, RESTORED = 1, 2, 3, 4
NO_END = 0xFFFFFFFF
ON_NET, ON_BEHALF = 1, 2

REQUEST = struct.Struct("!3sBBBH8x")  # "odm", version, operation, type, flags, zeros
# "odm", version, operation, type, status, zero, errno, zeros, address
REPLY = struct.Struct("!3sBBBBxi4x16s")
# "odm", version, what, type, zeros, milliseconds, zeros, address, replacement
EVENT = struct.Struct("!3sBBBHI4s16s16s")


class Status(IntEnum):
    GRANTED, NOT_SUPPORTED, FAILED, CALLER_ERROR = range(4)


@dataclass(frozen=True)
class Reply:
    operation: int
    type: int
    status: Status
    errno: int
    address: str | None

    @property
    def refusal(self):
        """What a test of a refusal compares: status and the errno's name."""
        return self.status.name, errno.errorcode.get(self.errno, self.errno)


class Refused(Exception):
    def __init__(self, reply):
        super().__init__(*reply.refusal)
        self.reply = reply


def request(type, *, operation=SETSC, flags=0, version=1, signature=b"odm"):
    return REQUEST.pack(signature, version, operation, type, flags)


def connect(path, timeout=10):
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    connection.settimeout(timeout)
    connection.connect(str(path))
    return connection


def send(connection, frame, sockets=()):
    if sockets:
        socket.send_fds(connection, [frame], [each if isinstance(each, int) else each.fileno()
                                              for each in sockets])
    else:
        connection.send(frame)


def receive(connection):
    """The reply, checked to be exactly one frame."""
    try:
        octets = connection.recv(64)
    except ConnectionResetError:  # the daemon did not read the frame; its reply is behind the reset
        octets = connection.recv(64)
    if not octets:
        raise ConnectionResetError("the daemon ended without an answer")
    assert len(octets) == REPLY.size, f"a reply of {len(octets)} octets: {octets.hex()}"
    signature, version, operation, type, status, number, address = REPLY.unpack(octets)
    assert (signature, version, operation & 0x80) == (b"odm", 1, 0x80), octets.hex()
    assert octets[7] == 0 and octets[12:16] == bytes(4), octets.hex()
    granted = status == Status.GRANTED
    assert granted == (number == 0) == (type != 0) == (address != bytes(16)), octets.hex()
    return Reply(operation & 0x7F, type, Status(status), number,
                 str(ipaddress.IPv6Address(address)) if granted else None)


def exchange(path, frame, sockets=(), timeout=10):
    """One connection, one request, one reply, and then nothing more from the daemon."""
    with connect(path, timeout) as connection:
        with contextlib.suppress(BrokenPipeError):  # the daemon has answered already, and closed
            send(connection, frame, sockets)
        reply = receive(connection)
        with contextlib.suppress(ConnectionResetError):  # of a frame that came when it had answered already
            assert connection.recv(64) == b"", "the daemon closes the connection after its reply"
        return reply


def setsc(path, sock, type, *, on_net=False):
    """The address that a socket is given; raises Refused."""
    reply = exchange(path, request(type, flags=ON_NET if on_net else 0), [sock])
    if reply.status != Status.GRANTED:
        raise Refused(reply)
    return reply.address


def getsc(path, sock):
    """Address and type of what a socket was given last; raises Refused."""
    reply = exchange(path, request(0, operation=GETSC), [sock])
    if reply.status != Status.GRANTED:
        raise Refused(reply)
    return reply.address, reply.type


@dataclass(frozen=True)
class Event:
    what: int
    type: int
    milliseconds: int
    address: str
    replacement: str | None


class Watch:
    """What becomes of the addresses of a socket; raises Refused. `first` is the reply."""

    def __init__(self, path, sock, timeout=10):
        self.connection = connect(path, timeout)
        with contextlib.suppress(BrokenPipeError):  # the daemon has answered already, and closed
            send(self.connection, request(0, operation=WATCH), [sock])
        self.first = receive(self.connection)
        if self.first.status != Status.GRANTED:
            self.connection.close()
            raise Refused(self.first)
        assert self.first.operation == WATCH

    def next(self):
        """The next event, checked to be exactly one frame; None at the end."""
        octets = self.connection.recv(64)
        if not octets:
            return None
        assert len(octets) == EVENT.size, f"an event of {len(octets)} octets: {octets.hex()}"
        signature, version, what, type, zero, milliseconds, zeros, address, replacement = EVENT.unpack(octets)
        assert (signature, version, zero, zeros) == (b"odm", 1, 0, bytes(4)), octets.hex()
        assert what in (DEPRECATED, REPLACED, REMOVED, RESTORED) and type in range(1, 5), octets.hex()
        return Event(what, type, milliseconds, str(ipaddress.IPv6Address(address)),
                     str(ipaddress.IPv6Address(replacement)) if replacement != bytes(16) else None)

    def is_quiet(self, seconds):
        """Neither an event nor the end comes within a time."""
        return not select.select([self.connection], [], [], seconds)[0]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.connection.close()
