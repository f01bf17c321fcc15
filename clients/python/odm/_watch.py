"""Watching what becomes of the addresses of a socket."""

from __future__ import annotations

from ipaddress import IPv6Address
from typing import Optional

from . import _calls, _frames
from ._connection import Connection, Deadline, Socket, check_socket
from ._frames import Operation
from ._names import ContinuityType, Event, Given

ENDLESS = Deadline(None)


class Watch:
    """The events of the addresses of a socket: an iterator, and a context manager that ends it.

    Iteration waits for the next event, and is over when the daemon has ended the watch: because the socket is closed,
    because the daemon ends, or because some hundred events were not taken. If the socket is still open, watch it again,
    and nothing that matters is missed. It raises Failed with EBADMSG for what is no event.

    With a selector, register the watch for reading. When it is ready, next(watch, None) does not wait: it returns an
    event, or None at the end.
    """

    def __init__(self, connection: Connection, given: Given) -> None:
        self._connection = connection
        self._given = given
        self._is_closed = False

    @property
    def address(self) -> IPv6Address:
        """The address that the socket was given last when the watch began."""
        return self._given.address

    @property
    def type(self) -> ContinuityType:
        """The type of that address."""
        return self._given.type

    def fileno(self) -> int:
        """The descriptor, readable when there is an event or the watch has ended; -1 when it is closed."""
        return self._connection.fileno()

    def __iter__(self) -> Watch:
        return self

    def __next__(self) -> Event:
        while not self._is_closed:
            try:
                frame = self._connection.receive(_frames.EVENT.size)
                if frame is None:
                    _calls.wait_until_readable(self._connection, ENDLESS)
                    continue
            except (OSError, ValueError):
                if self._is_closed:  # by another thread
                    break
                raise
            if not frame:
                break
            return _frames.read_event(frame)
        raise StopIteration

    def close(self) -> None:
        """Ends the watch, also for a thread that waits for an event."""
        self._is_closed = True
        self._connection.shut_down()
        self._connection.close()

    def __enter__(self) -> Watch:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def __del__(self) -> None:
        # Like a generator's: who leaves a loop over it is not to be warned.
        self._connection.close()


def watch(sock: Socket, *, timeout: Optional[float] = None) -> Watch:
    """Begins to watch what becomes of the addresses that a socket was given, and is given from now on.

    timeout  seconds until the daemon has answered, not for the events; None: as long as it takes

    If the address that the socket was given last is already deprecated, that is the first event. The watch does not
    keep the socket open. One user can have 192.

    Raises what getsc() does: OSError with ENOENT if the socket was given no address, so call setsc() first.
    """
    deadline = Deadline(timeout)
    check_socket(sock)
    connection = Connection()
    try:
        request = _frames.request(Operation.WATCH)
        return Watch(connection, _calls.ask(connection, request, Operation.WATCH, sock, deadline))
    except BaseException:
        connection.close()
        raise
