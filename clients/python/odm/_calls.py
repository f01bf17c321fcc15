"""The calls that wait."""

from __future__ import annotations

import enum
import errno
import math
import operator
import select
import socket
import time
from ipaddress import IPv6Address
from typing import Optional, Union

from . import _errors, _frames
from ._connection import Connection, Deadline, Socket, check_socket
from ._frames import Operation
from ._names import SESSION_LASTING, ContinuityType, Given

# poll(2) takes its milliseconds as an int.
LONGEST_POLL_SECONDS = 3600


class Default(enum.Enum):
    TIMEOUT = "what socket.getdefaulttimeout() says"


def setsc(sock: Socket, type: int, *, on_net: bool = False, timeout: Optional[float] = None) -> IPv6Address:
    """Gets an address of a type for a socket. The socket is not changed: bind it to the address.

    sock     an IPv6 socket, TCP, UDP or other
    type     a ContinuityType
    on_net   a new address from a new prefix of the network that serves the host now; else it may be shared
    timeout  seconds; None: as long as the daemon takes, 10 seconds if it is not configured otherwise

    Raises NotSupported and Failed (TimedOut after the timeout), ValueError for a reserved type or a negative timeout,
    TypeError for what is no socket, and OSError with EBADF or EAFNOSUPPORT for one that is closed or not IPv6.
    """
    return ask_once(setsc_request(type, on_net), Operation.SETSC, sock, timeout).address


def getsc(sock: Socket, *, timeout: Optional[float] = None) -> Given:
    """Which address a socket was given last, and its type. `timeout` is in seconds, as that of setsc().

    Raises what setsc() does, and OSError with ENOENT (which is FileNotFoundError) if it was given none.
    """
    return ask_once(_frames.request(Operation.GETSC), Operation.GETSC, sock, timeout)


def create_connection(
    address: tuple[str, Union[int, str]],
    type: int = SESSION_LASTING,
    timeout: Union[float, None, Default] = Default.TIMEOUT,
    *,
    on_net: bool = False,
) -> socket.socket:
    """Connects to a TCP service over IPv6, from an address of a type.

    Like socket.create_connection(): `address` is host and port, the host's IPv6 addresses are tried in turn, and
    `timeout` (seconds; if it is not given, socket.getdefaulttimeout()) limits each attempt, the request for the
    source address, and what is done with the connection afterwards.

    Raises what setsc() does, at once and whatever other addresses the host has; socket.gaierror if the host has no
    IPv6 address; and the OSError of the last attempt.
    """
    seconds = socket.getdefaulttimeout() if isinstance(timeout, Default) else timeout
    type = ContinuityType(operator.index(type))
    host, port = address
    refusal: Optional[OSError] = None
    for family, kind, protocol, _, destination in socket.getaddrinfo(host, port, socket.AF_INET6, socket.SOCK_STREAM):
        sock = socket.socket(family, kind, protocol)
        try:
            source = setsc(sock, type, on_net=on_net, timeout=seconds)
            sock.settimeout(seconds)
            sock.bind((str(source), 0))
            sock.connect(destination)
            return sock
        except _errors.Error:
            sock.close()
            raise
        except OSError as error:
            sock.close()
            refusal = error
        except BaseException:
            sock.close()
            raise
    try:
        raise refusal or OSError(errno.EADDRNOTAVAIL, f"{host} has no address")
    finally:
        refusal = None  # its traceback refers to this frame


def setsc_request(type: int, on_net: bool) -> bytes:
    """Raises ValueError for a reserved type, and TypeError for what is no number."""
    return _frames.request(Operation.SETSC, ContinuityType(operator.index(type)), _frames.ON_NET if on_net else 0)


def ask_once(request: bytes, operation: Operation, sock: Socket, timeout: Optional[float]) -> Given:
    """Connects, asks and closes."""
    deadline = Deadline(timeout)
    check_socket(sock)
    with Connection() as connection:
        return ask(connection, request, operation, sock, deadline)


def ask(connection: Connection, request: bytes, operation: Operation, sock: Socket, deadline: Deadline) -> Given:
    """Sends a request by a new connection and waits for its reply."""
    pauses = deadline.pauses()
    while not connection.connect():
        time.sleep(next(pauses))
    connection.send(request, sock)
    while (reply := connection.receive(_frames.REPLY.size)) is None:
        wait_until_readable(connection, deadline)
    return _frames.read_reply(reply, operation)


def wait_until_readable(connection: Connection, deadline: Deadline) -> None:
    """Raises TimedOut when the deadline is over."""
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN)
    while not poll.poll(math.ceil(1000 * min(deadline.remaining(), LONGEST_POLL_SECONDS))):
        if not deadline.remaining():
            raise _errors.failed(errno.ETIMEDOUT)
