"""IPv6 source addresses of a continuity type (RFC 8653), from odmd, the daemon of on-demand mobility.

    sock = socket.socket(socket.AF_INET6, socket.SOCK_STREAM)
    sock.bind((str(odm.setsc(sock, odm.SESSION_LASTING)), 0))

setsc() gets an address for a socket, getsc() says which it was given, watch() tells what becomes of it, and
create_connection() connects from such an address. odm.aio has the same for asyncio; import it by that name.

All times are seconds. What is refused raises NotSupported or Failed, which are both Error and OSError with errno set; a
caller's mistake raises TypeError, ValueError or a plain OSError. Every call may be made from any thread, and no
descriptor stays open but that of a watch.

The daemon is asked at /run/odm/setsc, or where the environment variable ODM_SOCKET says; that counts for nothing in a
program with raised privileges.
"""

from ._calls import create_connection, getsc, setsc
from ._errors import Error, Failed, NotSupported, TimedOut
from ._names import (
    DEPRECATED,
    FIXED,
    GRACEFUL_REPLACEMENT,
    NON_PERSISTENT,
    REMOVED,
    REPLACED,
    RESTORED,
    SESSION_LASTING,
    Change,
    ContinuityType,
    Event,
    Given,
)
from ._watch import Watch, watch

__all__ = [
    "DEPRECATED",
    "FIXED",
    "GRACEFUL_REPLACEMENT",
    "NON_PERSISTENT",
    "REMOVED",
    "REPLACED",
    "RESTORED",
    "SESSION_LASTING",
    "Change",
    "ContinuityType",
    "Error",
    "Event",
    "Failed",
    "Given",
    "NotSupported",
    "TimedOut",
    "Watch",
    "create_connection",
    "getsc",
    "setsc",
    "watch",
]
