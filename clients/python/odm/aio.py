"""The calls of odm for asyncio: they let other tasks run while they wait, without threads.

    address = await odm.aio.setsc(sock, odm.SESSION_LASTING)

Errors are those of odm. A task that is cancelled closes its connection to the daemon, which so takes the request back.
"""

from __future__ import annotations

import asyncio
import errno
import math
from ipaddress import IPv6Address
from typing import Optional

from . import _errors, _frames
from ._calls import setsc_request
from ._connection import Connection, Deadline, Socket, check_socket
from ._frames import Operation
from ._names import ContinuityType, Event, Given

__all__ = ["Watch", "getsc", "setsc", "watch"]


async def setsc(sock: Socket, type: int, *, on_net: bool = False, timeout: Optional[float] = None) -> IPv6Address:
    """Gets an address of a type for a socket, as odm.setsc() does. `timeout` is in seconds."""
    return (await _ask_once(setsc_request(type, on_net), Operation.SETSC, sock, timeout)).address


async def getsc(sock: Socket, *, timeout: Optional[float] = None) -> Given:
    """Which address a socket was given last, and its type, as odm.getsc() does. `timeout` is in seconds."""
    return await _ask_once(_frames.request(Operation.GETSC), Operation.GETSC, sock, timeout)


def watch(sock: Socket, *, timeout: Optional[float] = None) -> Watch:
    """Watches what becomes of the addresses of a socket, as odm.watch() does.

    timeout  seconds until the daemon has answered, not for the events; None: as long as it takes

    The daemon is asked when the watch is entered, or when the first event is awaited; that raises what odm.watch()
    does.
    """
    return Watch(sock, timeout)


class Watch:
    """The events of the addresses of a socket: an asynchronous iterator, and a context manager that ends it.

    Iteration is over when the daemon has ended the watch, as that of odm.Watch. A task that is cancelled while it waits
    for an event ends the watch, too, unless it is in an `async with`: then it may wait again.
    """

    def __init__(self, sock: Socket, timeout: Optional[float]) -> None:
        check_socket(sock)
        Deadline(timeout)  # raises what is wrong with it now, not later
        self._sock: Optional[Socket] = sock
        self._timeout = timeout
        self._connection: Optional[Connection] = None
        self._given: Optional[Given] = None
        self._is_entered = False
        self._is_busy = False
        self._is_closed = False

    @property
    def address(self) -> IPv6Address:
        """The address that the socket was given last when the watch began; RuntimeError before that."""
        return self._answer().address

    @property
    def type(self) -> ContinuityType:
        """The type of that address; RuntimeError before the watch has begun."""
        return self._answer().type

    def _answer(self) -> Given:
        if self._given is None:
            raise RuntimeError("the watch has not begun")
        return self._given

    async def __aenter__(self) -> Watch:
        await self._begin()
        self._is_entered = True
        return self

    async def __aexit__(self, *exception: object) -> None:
        self.close()

    def __aiter__(self) -> Watch:
        return self

    async def __anext__(self) -> Event:
        if self._is_busy:
            raise RuntimeError("another task waits for an event of this watch")
        self._is_busy = True
        try:
            return await self._next()
        except asyncio.CancelledError:
            self._is_closed = self._is_closed or not self._is_entered
            raise
        finally:
            self._is_busy = False
            if self._is_closed:
                self.close()

    async def _next(self) -> Event:
        connection = None if self._is_closed else await self._begin()
        while connection is not None and not self._is_closed:
            frame = connection.receive(_frames.EVENT.size)
            if frame:
                return _frames.read_event(frame)
            if frame is not None:
                self._is_closed = True
                break
            await _wait_until_readable(connection, Deadline(None))
        raise StopAsyncIteration

    async def _begin(self) -> Connection:
        """Asks the daemon, once; the connection then has the events."""
        if self._is_closed:
            raise RuntimeError("the watch is closed")
        if self._connection is not None:
            return self._connection
        if self._sock is None:
            raise RuntimeError("another task begins this watch")
        sock, self._sock = self._sock, None  # The caller may close it from now on.
        connection = Connection()
        try:
            request = _frames.request(Operation.WATCH)
            self._given = await _ask(connection, request, Operation.WATCH, sock, Deadline(self._timeout))
        except BaseException:
            self._is_closed = True
            connection.close()
            raise
        self._connection = connection
        return connection

    def close(self) -> None:
        """Ends the watch, also for a task that waits for an event."""
        self._is_closed = True
        self._sock = None
        if self._connection is not None:
            # A descriptor that the event loop looks at must not be closed before the loop has let it go.
            if self._is_busy:
                self._connection.shut_down()
            else:
                self._connection.close()

    def __del__(self) -> None:
        connection: Optional[Connection] = getattr(self, "_connection", None)
        if connection is not None:
            connection.close()


async def _ask_once(request: bytes, operation: Operation, sock: Socket, timeout: Optional[float]) -> Given:
    """Connects, asks and closes."""
    deadline = Deadline(timeout)
    check_socket(sock)
    with Connection() as connection:
        return await _ask(connection, request, operation, sock, deadline)


async def _ask(
    connection: Connection, request: bytes, operation: Operation, sock: Socket, deadline: Deadline
) -> Given:
    """Sends a request by a new connection and waits for its reply."""
    pauses = deadline.pauses()
    while not connection.connect():
        await asyncio.sleep(next(pauses))
    connection.send(request, sock)
    while (reply := connection.receive(_frames.REPLY.size)) is None:
        await _wait_until_readable(connection, deadline)
    return _frames.read_reply(reply, operation)


async def _wait_until_readable(connection: Connection, deadline: Deadline) -> None:
    """Raises TimedOut when the deadline is over."""
    loop = asyncio.get_running_loop()
    readable: asyncio.Future[bool] = loop.create_future()
    descriptor, remaining = connection.fileno(), deadline.remaining()
    timer = None if remaining == math.inf else loop.call_later(remaining, _settle, readable, False)
    loop.add_reader(descriptor, _settle, readable, True)
    try:
        if not await readable:
            raise _errors.failed(errno.ETIMEDOUT)
    finally:
        loop.remove_reader(descriptor)
        if timer is not None:
            timer.cancel()


def _settle(future: asyncio.Future[bool], result: bool) -> None:
    if not future.done():
        future.set_result(result)
