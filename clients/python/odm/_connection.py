"""A connection to the daemon, and what limits the time that is spent on it. Nothing here waits."""

from __future__ import annotations

import array
import contextlib
import errno
import math
import os
import socket
import time
from collections.abc import Iterator
from typing import Optional, Protocol

from . import _errors
from ._frames import MISTAKES

DEFAULT_PATH = b"/run/odm/setsc"
LONGEST_PATH = 107
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.001, 0.05


class Socket(Protocol):
    """What is needed of the caller's socket: a socket.socket, ssl.SSLSocket, asyncio.TransportSocket or the like."""

    def fileno(self) -> int: ...

    def getsockopt(self, level: int, optname: int, /) -> int: ...


def check_socket(sock: Socket) -> None:
    """Raises TypeError for what is no socket, and OSError for one that is closed or not an IPv6 socket."""
    try:
        getsockopt = sock.getsockopt
    except AttributeError:
        raise TypeError(f"a socket is needed, not {type(sock).__name__}") from None
    if getsockopt(socket.SOL_SOCKET, socket.SO_DOMAIN) != socket.AF_INET6:
        raise OSError(errno.EAFNOSUPPORT, MISTAKES[errno.EAFNOSUPPORT])


def path_of_daemon() -> bytes:
    """ODM_SOCKET counts for nothing if it is empty, or in a program that can do more than who started it."""
    path = os.environ.get("ODM_SOCKET")
    if not path or os.geteuid() != os.getuid() or os.getegid() != os.getgid():
        return DEFAULT_PATH
    return os.fsencode(path)


class Deadline:
    """The end of a time that begins now; of None there is no end."""

    def __init__(self, timeout: Optional[float]) -> None:
        seconds = math.inf if timeout is None else timeout
        if not seconds >= 0:
            raise ValueError("timeout is negative, or not a number")
        self._end = time.monotonic() + seconds

    def remaining(self) -> float:
        """Seconds; 0 when it is over, infinite without end."""
        return max(0.0, self._end - time.monotonic())

    def pauses(self) -> Iterator[float]:
        """Seconds to wait before what was in vain is tried again; raises TimedOut when the time is over."""
        pause = FIRST_PAUSE_SECONDS
        while remaining := self.remaining():
            yield min(pause, remaining)
            pause = min(2 * pause, LONGEST_PAUSE_SECONDS)
        raise _errors.failed(errno.ETIMEDOUT)


class Connection:
    """One request and its reply, or a watch. No call waits; to close it cancels what is not answered."""

    def __init__(self) -> None:
        self._path = path_of_daemon()
        if len(self._path) > LONGEST_PATH:
            raise _errors.not_supported(errno.ENAMETOOLONG, self._path)
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._socket.setblocking(False)

    def __enter__(self) -> Connection:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def fileno(self) -> int:
        return self._socket.fileno()

    def connect(self) -> bool:
        """Whether it is connected; if not, the daemon's queue is full. Raises NotSupported if there is no daemon."""
        try:
            self._socket.connect(self._path)
        except BlockingIOError:
            return False
        except OSError as error:
            if error.errno in (errno.ENOMEM, errno.ENOBUFS):
                raise
            raise _errors.not_supported(error.errno or errno.EINVAL, self._path) from None
        return True

    def send(self, request: bytes, sock: Socket) -> None:
        """Sends a frame, and the socket that it is about with it."""
        rights = (socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [sock.fileno()]))
        try:
            self._socket.sendmsg([request], [rights], socket.MSG_NOSIGNAL)
        except (BrokenPipeError, ConnectionResetError):
            pass  # A daemon that is too busy answers and closes unread; what it said is still to be received.
        except OSError as error:
            if error.errno == errno.EBADF:  # the caller has closed the socket meanwhile
                raise
            raise _errors.failed(error.errno or errno.EIO) from None

    def receive(self, size: int) -> Optional[bytes]:
        """A frame, with an octet too many if it is longer than it should be; None if there is none yet; empty if
        there comes none any more."""
        for _ in range(2):
            try:
                return self._socket.recv(size + 1)
            except BlockingIOError:
                return None
            except ConnectionResetError:
                continue  # It tells, once, that the daemon did not read the request. The reply is behind it.
        return b""

    def shut_down(self) -> None:
        """Whoever waits for something from it, in whatever thread or task, is told that nothing comes any more."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self._socket.close()
