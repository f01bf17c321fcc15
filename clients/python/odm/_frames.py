"""The frames of the setsc socket, version 1 (docs/protocol.md of odmd)."""

from __future__ import annotations

import enum
import errno
import os
import struct
from ipaddress import IPv6Address
from typing import Optional

from ._errors import failed, not_supported
from ._names import Change, ContinuityType, Event, Given

SIGNATURE = b"odm"
VERSION = 1
ON_NET = 1
NO_END = 0xFFFFFFFF
GRANTED, NOT_SUPPORTED, FAILED, CALLER_ERROR = range(4)

# signature, version, operation, type, flags, zeros
REQUEST = struct.Struct("!3sBBBH8x")
# operation, type, status, zero, errno, zeros, address
REPLY = struct.Struct("!4xBBBBI4s16s")
# change, type, zeros, milliseconds, zeros, address, replacement
EVENT = struct.Struct("!4xBBHI4s16s16s")

#: What a caller has done who makes the daemon say so; other numbers are in the kernel's words.
MISTAKES = {
    errno.ENOENT: "the socket was given no address",
    errno.EAFNOSUPPORT: "not an IPv6 socket",
    errno.EOPNOTSUPP: "the daemon is older than this operation",
}


class Operation(enum.IntEnum):
    SETSC = 1
    GETSC = 2
    WATCH = 3


def request(operation: Operation, type: int = 0, flags: int = 0) -> bytes:
    return REQUEST.pack(SIGNATURE, VERSION, operation, type, flags)


def read_reply(frame: bytes, operation: Operation) -> Given:
    """What was granted. Raises what the refusal means for the caller, and Failed with EBADMSG for what is no reply."""
    check_header(frame, REPLY.size)
    told: tuple[int, int, int, int, int, bytes, bytes] = REPLY.unpack(frame)
    answered, type, status, zero, number, zeros, address = told
    if zero or any(zeros) or status > CALLER_ERROR or number > 0x7FFFFFFF:
        raise failed(errno.EBADMSG)
    if status == GRANTED:
        given = address_of(address)
        if answered != operation | 0x80 or number or given is None:
            raise failed(errno.EBADMSG)
        return Given(given, type_of(type))
    # A daemon that could not read the request cannot say which operation it was.
    if answered not in (operation | 0x80, 0x80) or not number or type or any(address):
        raise failed(errno.EBADMSG)
    if status == NOT_SUPPORTED or number == errno.EPROTONOSUPPORT:
        raise not_supported(number)
    if status == FAILED:
        raise failed(number)
    raise OSError(number, MISTAKES.get(number) or os.strerror(number))


def read_event(frame: bytes) -> Event:
    """Raises Failed with EBADMSG for what is no event."""
    check_header(frame, EVENT.size)
    told: tuple[int, int, int, int, bytes, bytes, bytes] = EVENT.unpack(frame)
    number, type, zero, milliseconds, zeros, octets, octets_of_replacement = told
    address, replacement = address_of(octets), address_of(octets_of_replacement)
    if zero or any(zeros) or address is None or not Change.DEPRECATED <= number <= Change.RESTORED:
        raise failed(errno.EBADMSG)
    change = Change(number)
    if change == Change.REPLACED and replacement is None:
        raise failed(errno.EBADMSG)
    ends_in = None if milliseconds == NO_END else milliseconds / 1000
    return Event(change, address, type_of(type), replacement, ends_in)


def check_header(frame: bytes, size: int) -> None:
    """Raises the failure that it is for what does not begin as a frame, or has another length."""
    # Frames of another version may have other lengths.
    if frame[:3] == SIGNATURE and len(frame) > 3 and frame[3] != VERSION:
        raise not_supported(errno.EPROTONOSUPPORT)
    if not frame:
        raise failed(errno.ECONNRESET)
    if len(frame) != size or frame[:3] != SIGNATURE:
        raise failed(errno.EBADMSG)


def address_of(octets: bytes) -> Optional[IPv6Address]:
    return IPv6Address(octets) if any(octets) else None


def type_of(number: int) -> ContinuityType:
    try:
        return ContinuityType(number)
    except ValueError:
        raise failed(errno.EBADMSG) from None
