"""The names that callers use."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from ipaddress import IPv6Address
from typing import NamedTuple, Optional


class ContinuityType(enum.IntEnum):
    """How durable an address is (RFC 8653, section 3.2)."""

    FIXED = 1  #: the same address for ever, used or not
    SESSION_LASTING = 2  #: valid while a socket uses it, wherever the host moves
    NON_PERSISTENT = 3  #: valid on the network that it came from
    GRACEFUL_REPLACEMENT = 4  #: replaced at a move, with a time in which the old and the new address both work


FIXED = ContinuityType.FIXED
SESSION_LASTING = ContinuityType.SESSION_LASTING
NON_PERSISTENT = ContinuityType.NON_PERSISTENT
GRACEFUL_REPLACEMENT = ContinuityType.GRACEFUL_REPLACEMENT


class Change(enum.IntEnum):
    """What has become of an address."""

    DEPRECATED = 1  #: no new socket gets it; those who have it can go on with it until it ends
    REPLACED = 2  #: the same, and the replacement can be bound now
    REMOVED = 3  #: it works no more
    RESTORED = 4  #: what was deprecated is as good as before, and does not end


DEPRECATED = Change.DEPRECATED
REPLACED = Change.REPLACED
REMOVED = Change.REMOVED
RESTORED = Change.RESTORED


class Given(NamedTuple):
    """What a socket was given last."""

    address: IPv6Address
    type: ContinuityType


@dataclass(frozen=True)
class Event:
    """What has become of one address of a watched socket."""

    change: Change
    address: IPv6Address
    type: ContinuityType
    #: What new sockets get instead; None if it is not known, or if there is none.
    replacement: Optional[IPv6Address]
    #: Seconds from when the daemon told it until the address ends: 0.0 if it has ended, None if it stays until its
    #: last socket is closed.
    ends_in: Optional[float]
