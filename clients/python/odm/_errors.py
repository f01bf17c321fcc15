"""Why there is no address."""

from __future__ import annotations

import errno
import os


class Error(OSError):
    """There is no address of the type: errno says why. A program can go on with an ordinary address."""


class NotSupported(Error):
    """There is nothing here that could give such an address (EAI_REQUIREDIPNOTSUPPORTED).

    errno is ENOENT or ECONNREFUSED without a daemon, ENOTSUP without a source of addresses of the type, EXDEV for a
    socket of another network namespace, EPROTONOSUPPORT for a daemon of another version, or what else connect(2)
    says of the daemon's socket.
    """


class Failed(Error):
    """The address could not be had this time (EAI_REQUIREDIPFAILED).

    errno is EADDRNOTAVAIL if none is left, ETIMEDOUT if it took too long (TimedOut), ENETUNREACH if the network is not
    there, EACCES if policy denies it, EDQUOT, EBUSY, EAGAIN or EMFILE if there is too much already, ECONNRESET if the
    daemon ended before it answered, EBADMSG if what answered does not speak the protocol, or what else the kernel said.
    """


class TimedOut(Failed, TimeoutError):
    """There was no answer within `timeout`, or no address within what the daemon allows; errno is ETIMEDOUT."""


def not_supported(number: int, path: bytes | None = None) -> NotSupported:
    """With the path of the daemon's socket if that is what is wrong."""
    if path is None:
        return NotSupported(number, f"addresses of this type are not supported here: {os.strerror(number)}")
    return NotSupported(number, f"no daemon gives addresses here: {os.strerror(number)}", os.fsdecode(path))


def failed(number: int) -> Failed:
    kind = TimedOut if number == errno.ETIMEDOUT else Failed
    return kind(number, f"an address of this type could not be had: {os.strerror(number)}")
