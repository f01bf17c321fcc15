"""clients/python: the package odm, against the daemon, and against one that does everything wrong."""

import ast
import asyncio
import contextlib
import errno
import gc
import inspect
import ipaddress
import os
import re
import selectors
import shutil
import signal
import socket as sockets
import struct
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
from daemon import ROOT
from host import A_WHILE, as_user, wait_until
from namespaces import Namespace, die_with_parent
from network import PREFIX

PACKAGE = ROOT / "clients/python"
sys.path.insert(0, str(PACKAGE))

import odm  # noqa: E402
import odm._connection  # noqa: E402
import odm.aio  # noqa: E402

pytestmark = pytest.mark.filterwarnings("error")  # of descriptors that nobody has closed, above all
NOBODY = 65534
SO_COOKIE = 57
# Of the machine, not of what is waited for.
SLACK_SECONDS = 2


async def listed(watch):
    return [event async for event in watch]


#: The same calls, those that wait and those of asyncio.
WAITING = SimpleNamespace(setsc=odm.setsc, getsc=odm.getsc, events=lambda sock: list(odm.watch(sock)))
ASYNCIO = SimpleNamespace(
    setsc=lambda *arguments, **options: asyncio.run(odm.aio.setsc(*arguments, **options)),
    getsc=lambda *arguments, **options: asyncio.run(odm.aio.getsc(*arguments, **options)),
    events=lambda sock: asyncio.run(listed(odm.aio.watch(sock))))


@pytest.fixture(params=[WAITING, ASYNCIO], ids=["waiting", "asyncio"])
def calls(request):
    return request.param


@pytest.fixture
def odmd(host, monkeypatch):
    """The host, whose daemon is the one that is asked."""
    monkeypatch.setenv("ODM_SOCKET", str(host.daemon.setsc_socket))
    return host


@pytest.fixture(scope="module")
def fake_daemon():
    directory = Path(tempfile.mkdtemp(prefix="odm-fake-", dir="/tmp"))
    process = subprocess.Popen([sys.executable, ROOT / "Tests/Library/fake_daemon.py", directory], text=True,
                               stdout=subprocess.PIPE, preexec_fn=die_with_parent)
    assert process.stdout.readline() == "ready\n"
    yield directory
    process.kill()
    process.communicate()
    shutil.rmtree(directory)


@pytest.fixture
def behave(fake_daemon, monkeypatch):
    """Call it with a behaviour of the fake daemon to have that asked."""
    def choose(behaviour):
        monkeypatch.setenv("ODM_SOCKET", str(fake_daemon / behaviour))
        return fake_daemon
    return choose


@pytest.fixture
def sock():
    with sockets.socket(sockets.AF_INET6, sockets.SOCK_DGRAM) as sock:
        yield sock


def descriptors():
    gc.collect()
    return len(os.listdir("/proc/self/fd"))


def refusal(call, *arguments, **options):
    """The class and errno of what a call raises."""
    with pytest.raises(OSError) as raised:
        call(*arguments, **options)
    if isinstance(raised.value, odm.Error):
        assert os.strerror(raised.value.errno) in str(raised.value)
    return type(raised.value), errno.errorcode[raised.value.errno]


# With the daemon

@pytest.mark.parametrize("kind", [sockets.SOCK_STREAM, sockets.SOCK_DGRAM])
@pytest.mark.parametrize("type", [odm.FIXED, odm.SESSION_LASTING, odm.NON_PERSISTENT])
def test_an_address(odmd, calls, type, kind):
    sock = odmd.socket(kind)
    address = calls.setsc(sock, type)
    assert isinstance(address, ipaddress.IPv6Address) and address in PREFIX
    assert calls.setsc(sock, int(type)) == address
    sock.bind((str(address), 0))
    given, its_type = calls.getsc(sock)
    assert (given, its_type) == (address, type) and isinstance(its_type, odm.ContinuityType)
    assert str(address) in odmd.addresses
    odmd.close_sockets()
    if type != odm.FIXED:
        odmd.assert_nothing_left()


def test_an_address_of_a_new_prefix(odmd, calls):
    shared = [calls.setsc(odmd.socket(), odm.SESSION_LASTING) for _ in range(2)]
    fresh = calls.setsc(odmd.socket(), odm.SESSION_LASTING, on_net=True)
    assert shared[0] == shared[1]
    assert ipaddress.ip_network((fresh, 64), strict=False) != ipaddress.ip_network((shared[0], 64), strict=False)


def test_a_type_without_source(odmd, calls):
    assert refusal(calls.setsc, odmd.socket(), odm.GRACEFUL_REPLACEMENT) == (odm.NotSupported, "ENOTSUP")


def test_a_socket_of_another_network_namespace(odmd, calls, sock):
    for call in (lambda: calls.setsc(sock, odm.SESSION_LASTING), lambda: calls.getsc(sock)):
        assert refusal(call) == (odm.NotSupported, "EXDEV")
    other = Namespace()
    with other, sockets.socket(sockets.AF_INET6) as there:
        assert refusal(calls.setsc, there, odm.SESSION_LASTING) == (odm.NotSupported, "EXDEV")
    other.close()


def test_what_policy_denies(odmd, calls):
    def ask():
        with sockets.socket(sockets.AF_INET6) as sock:
            return refusal(calls.setsc, sock, odm.FIXED)

    with odmd.namespace:
        assert as_user(NOBODY, ask) == repr((odm.Failed, "EACCES"))


def test_too_many_addresses(odmd, calls):
    sock = odmd.socket()
    for _ in range(16):
        calls.setsc(sock, odm.SESSION_LASTING, on_net=True)
    assert refusal(calls.setsc, sock, odm.SESSION_LASTING, on_net=True) == (odm.Failed, "EDQUOT")


def test_a_socket_without_an_address(odmd, calls):
    for call in (calls.getsc, calls.events):
        assert refusal(call, odmd.socket()) == (FileNotFoundError, "ENOENT")


def test_no_daemon(odmd, calls):
    sock, _ = odmd.socket_with_address()
    odmd.daemon.kill()
    for call in (lambda: calls.setsc(sock, odm.SESSION_LASTING), lambda: calls.getsc(sock), lambda: calls.events(sock)):
        began = time.monotonic()
        assert refusal(call)[0] == odm.NotSupported
        assert time.monotonic() - began < 0.5, "at once"


def test_a_watch_ends_with_its_socket_and_with_the_daemon(odmd):
    sock, address = odmd.socket_with_address()
    other, _ = odmd.socket_with_address()
    with odm.watch(sock) as watch, odm.watch(other) as of_other:
        assert (str(watch.address), watch.type) == (address, odm.SESSION_LASTING)
        sock.close()
        assert list(watch) == []
        odmd.daemon.kill()
        assert next(of_other, None) is None


def test_a_watch_of_asyncio_ends_with_its_socket_and_with_the_daemon(odmd):
    sock, address = odmd.socket_with_address()
    other, _ = odmd.socket_with_address()

    async def main():
        watch = odm.aio.watch(sock)
        with pytest.raises(RuntimeError):
            watch.address
        async with watch, odm.aio.watch(other) as of_other:
            assert (str(watch.address), watch.type) == (address, odm.SESSION_LASTING)
            sock.close()
            assert await listed(watch) == []
            odmd.daemon.kill()
            assert await listed(of_other) == []
        with pytest.raises(RuntimeError):
            await watch.__aenter__()

    asyncio.run(main())


def test_many_requests_at_once(odmd):
    sockets = [odmd.socket() for _ in range(200)]
    before = descriptors()

    async def main():
        asked = [odm.aio.setsc(sock, odm.SESSION_LASTING, timeout=10) for sock in sockets]
        addresses = await asyncio.gather(*asked)
        given = await asyncio.gather(*map(odm.aio.getsc, sockets))
        assert [each.address for each in given] == addresses
        return set(addresses)

    assert {str(address) for address in asyncio.run(main())} == odmd.addresses
    assert descriptors() == before


# create_connection

@pytest.mark.parametrize("type", [odm.SESSION_LASTING, odm.NON_PERSISTENT])
def test_a_connection(odmd, server, type):
    with odmd.namespace, odm.create_connection(server, type, timeout=5) as connection:
        assert connection.gettimeout() == 5
        source = connection.getsockname()[0]
        assert connection.recv(100).decode().strip() == source in odmd.addresses
        assert odm.getsc(connection) == (ipaddress.IPv6Address(source), type)


def test_a_connection_by_default(odmd, server):
    sockets.setdefaulttimeout(7)
    try:
        with odmd.namespace, odm.create_connection(server) as connection:
            assert connection.gettimeout() == 7
            assert odm.getsc(connection).type == odm.SESSION_LASTING
    finally:
        sockets.setdefaulttimeout(None)
    with odmd.namespace, odm.create_connection(server, on_net=True) as connection:
        assert connection.gettimeout() is None


def test_a_connection_to_the_second_address(odmd, server, monkeypatch):
    real = sockets.getaddrinfo
    monkeypatch.setattr(sockets, "getaddrinfo", lambda host, port, *rest: [
        found for each in ((server[0], 1), server) for found in real(*each, *rest)])
    with odmd.namespace, odm.create_connection(("two.example", 7), timeout=5) as connection:
        assert connection.getpeername()[:2] == server


def test_a_source_that_cannot_be_had_is_not_asked_for_again(odmd, server, monkeypatch):
    asked, real, setsc = [], sockets.getaddrinfo, odm.setsc
    monkeypatch.setattr(sockets, "getaddrinfo", lambda *arguments: 3 * real(*arguments))
    monkeypatch.setattr(odm._calls, "setsc", lambda *given, **options: asked.append(given) or setsc(*given, **options))
    with odmd.namespace:
        assert refusal(odm.create_connection, server, odm.GRACEFUL_REPLACEMENT) == (odm.NotSupported, "ENOTSUP")
    assert len(asked) == 1


def test_a_connection_that_cannot_be(odmd, server, network):
    network.cn.ip("route add blackhole 2001:db8:dead::/48")
    before = descriptors()
    with odmd.namespace:
        assert refusal(odm.create_connection, (server[0], 1)) == (ConnectionRefusedError, "ECONNREFUSED")
        network.cn.ip(f"route replace blackhole {PREFIX}")  # no answer comes from there any more
        with pytest.raises(TimeoutError) as timed_out:
            odm.create_connection(server, timeout=0.2)
        assert not isinstance(timed_out.value, odm.Error)
        assert refusal(odm.create_connection, server, odm.GRACEFUL_REPLACEMENT) == (odm.NotSupported, "ENOTSUP")
        with pytest.raises(sockets.gaierror):
            odm.create_connection(("127.0.0.1", 7))
        with pytest.raises(ValueError):
            odm.create_connection(server, 5)
        before_mistake = descriptors()
        with pytest.raises(ValueError) as kept:  # also while its traceback refers to the socket
            odm.create_connection(server, timeout=-1)
        assert descriptors() == before_mistake and kept
        odmd.daemon.kill()
        assert refusal(odm.create_connection, server)[0] == odm.NotSupported
    assert descriptors() == before


# The caller's mistakes, which are found without a daemon

@pytest.mark.parametrize("type, error", [(0, ValueError), (5, ValueError), (-1, ValueError), (256, ValueError),
                                         ("2", TypeError), (None, TypeError), (2.0, TypeError)])
def test_a_type_that_is_none(calls, sock, type, error):
    with pytest.raises(error):
        calls.setsc(sock, type)


@pytest.mark.parametrize("timeout, error", [(-1, ValueError), (float("nan"), ValueError), ("1", TypeError)])
def test_a_timeout_that_is_none(calls, sock, timeout, error):
    for call in (lambda: calls.setsc(sock, 2, timeout=timeout), lambda: calls.getsc(sock, timeout=timeout),
                 lambda: odm.watch(sock, timeout=timeout), lambda: odm.aio.watch(sock, timeout=timeout)):
        with pytest.raises(error):
            call()


def test_a_socket_that_is_none(calls, sock):
    for call in (lambda sock: calls.setsc(sock, 2), calls.getsc, calls.events):
        for wrong in (3, None, "socket", sys.stdin):
            with pytest.raises(TypeError, match=type(wrong).__name__):
                call(wrong)
        with sockets.socket(sockets.AF_INET) as of_ipv4:
            assert refusal(call, of_ipv4) == (OSError, "EAFNOSUPPORT")
        sock.close()
        assert refusal(call, sock) == (OSError, "EBADF")


# A daemon that is slow, refuses, or speaks nonsense

GARBLED = ("short", "long", "huge", "not-ours", "a-request", "other-operation", "type-0", "type-5", "type-8",
           "unknown-status", "reserved-7", "reserved-12", "reserved-15", "granted-with-error",
           "refused-without-error", "negative-error", "granted-unknown-operation", "no-address")
OUTCOMES = {
    "no-source": (odm.NotSupported, "ENOTSUP"),
    "other-namespace": (odm.NotSupported, "EXDEV"),
    "other-version": (odm.NotSupported, "EPROTONOSUPPORT"),
    "refusing": (odm.NotSupported, "ECONNREFUSED"),
    "stream": (odm.NotSupported, "EPROTOTYPE"),
    "nowhere": (odm.NotSupported, "ENOENT"),
    "x" * 108: (odm.NotSupported, "ENAMETOOLONG"),
    "exhausted": (odm.Failed, "EADDRNOTAVAIL"),
    "timed-out": (odm.TimedOut, "ETIMEDOUT"),
    "busy": (odm.Failed, "EBUSY"),
    "busy-at-once": (odm.Failed, "EBUSY"),
    "dying": (odm.Failed, "ECONNRESET"),
    "dying-unread": (odm.Failed, "ECONNRESET"),
    "dying-at-once": (odm.Failed, "ECONNRESET"),
    "empty": (odm.Failed, "ECONNRESET"),
    "nothing-given": (FileNotFoundError, "ENOENT"),
    "bad-request": (OSError, "EBADMSG"),
} | dict.fromkeys(GARBLED, (odm.Failed, "EBADMSG"))


@pytest.mark.parametrize("behaviour", OUTCOMES)
def test_what_is_refused_or_garbled(behave, calls, sock, behaviour):
    behave(behaviour)
    before = descriptors()
    assert refusal(calls.setsc, sock, odm.SESSION_LASTING) == OUTCOMES[behaviour]
    assert refusal(calls.setsc, sock, odm.SESSION_LASTING, timeout=5) == OUTCOMES[behaviour]
    if behaviour not in ("busy", "busy-at-once", "bad-request"):  # which is of setsc there
        assert refusal(calls.getsc, sock) == refusal(calls.events, sock) == OUTCOMES[behaviour]
    assert descriptors() == before


@pytest.mark.parametrize("behaviour", ["busy-at-once", "dying-at-once"])
def test_a_daemon_that_closes_before_it_is_asked(behave, calls, sock, monkeypatch, behaviour):
    send = odm._connection.Connection.send
    monkeypatch.setattr(odm._connection.Connection, "send", lambda *arguments: time.sleep(0.1) or send(*arguments))
    behave(behaviour)
    assert refusal(calls.setsc, sock, odm.SESSION_LASTING) == OUTCOMES[behaviour]


@pytest.mark.parametrize("operation, type, status, number, address, outcome", [
    (0x81, 0, 2, errno.EPERM, 0, (odm.Failed, "EPERM")),
    (0x81, 0, 3, errno.EPROTONOSUPPORT, 0, (odm.NotSupported, "EPROTONOSUPPORT")),
    (0x81, 2, 2, errno.EPERM, 0, (odm.Failed, "EBADMSG")),
    (0x81, 0, 2, errno.EPERM, 1, (odm.Failed, "EBADMSG")),
    (0x81, 0, 2, 1 << 31, 0, (odm.Failed, "EBADMSG")),
    (0x82, 0, 2, errno.EPERM, 0, (odm.Failed, "EBADMSG")),
    (0x82, 2, 0, 0, 1, (odm.Failed, "EBADMSG")),
])
def test_replies(operation, type, status, number, address, outcome):
    frame = struct.pack("!3sBBBBxIxxxx8xQ", b"odm", 1, operation, type, status, number, address)
    assert refusal(odm._frames.read_reply, frame, 1) == outcome


@pytest.mark.parametrize("behaviour", ["granted", "slow", "with-descriptors"])
def test_what_is_granted(behave, calls, sock, behaviour):
    behave(behaviour)
    before = descriptors()
    (cookie,) = struct.unpack("=Q", sock.getsockopt(sockets.SOL_SOCKET, SO_COOKIE, 8))
    for on_net in (False, True):
        expected = ipaddress.IPv6Address(struct.pack("!IHBBQ", 0x20010DB8, 1, on_net, 3, cookie))
        assert calls.setsc(sock, odm.NON_PERSISTENT, on_net=on_net, timeout=float("inf")) == expected
    assert calls.getsc(sock, timeout=1e12).type == odm.SESSION_LASTING
    assert descriptors() == before


def test_a_wait_that_is_longer_than_poll_can(behave, sock, monkeypatch):
    monkeypatch.setattr(odm._calls, "LONGEST_POLL_SECONDS", 0.02)
    behave("slow")
    odm.setsc(sock, odm.SESSION_LASTING, timeout=10)


def test_the_default_timeout_of_sockets_is_not_meant(behave, calls, sock):
    behave("slow")
    sockets.setdefaulttimeout(0.01)
    try:
        calls.setsc(sock, odm.SESSION_LASTING)
    finally:
        sockets.setdefaulttimeout(None)


def dropped(directory):
    file = directory / "dropped"
    return file.stat().st_size if file.exists() else 0


@pytest.mark.parametrize("behaviour", ["silent", "full"])
@pytest.mark.parametrize("timeout", [0, 0.2])
def test_a_timeout(behave, calls, sock, behaviour, timeout):
    directory = behave(behaviour)
    before, so_far = descriptors(), dropped(directory)
    began = time.monotonic()
    for call in (lambda: calls.setsc(sock, 2, timeout=timeout), lambda: calls.getsc(sock, timeout=timeout)):
        assert refusal(call) == (odm.TimedOut, "ETIMEDOUT")
    assert 2 * timeout <= time.monotonic() - began < 2 * timeout + SLACK_SECONDS
    assert descriptors() == before
    if behaviour == "silent":
        wait_until(lambda: dropped(directory) == so_far + 2, "the requests are taken back")


def test_a_timeout_of_a_watch(behave, sock):
    behave("silent")
    assert refusal(odm.watch, sock, timeout=0.05) == (odm.TimedOut, "ETIMEDOUT")
    assert refusal(lambda: asyncio.run(listed(odm.aio.watch(sock, timeout=0.05)))) == (odm.TimedOut, "ETIMEDOUT")


def test_a_queue_that_is_full_for_a_while(calls, sock, tmp_path, monkeypatch):
    path = tempfile.mktemp(prefix="odm-full-", dir="/tmp")
    monkeypatch.setenv("ODM_SOCKET", path)
    with sockets.socket(sockets.AF_UNIX, sockets.SOCK_SEQPACKET) as listener, \
            sockets.socket(sockets.AF_UNIX, sockets.SOCK_SEQPACKET) as first:
        listener.bind(path)
        listener.listen(0)
        first.connect(path)

        def serve():
            time.sleep(0.2)
            listener.accept()[0].close()
            listener.accept()[0].close()

        server = threading.Thread(target=serve)
        server.start()
        began = time.monotonic()
        assert refusal(calls.setsc, sock, 2) == (odm.Failed, "ECONNRESET")
        assert time.monotonic() - began >= 0.15
        server.join()
    os.unlink(path)


@contextlib.contextmanager
def interrupted(handler):
    """A signal again and again."""
    before = signal.signal(signal.SIGALRM, handler)
    signal.setitimer(signal.ITIMER_REAL, 0.02, 0.01)
    yield
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before)


def test_signals_interrupt_nothing(behave, calls, sock):
    caught = []
    with interrupted(lambda *_: caught.append(None)):
        behave("slow")
        assert calls.setsc(sock, odm.SESSION_LASTING) in ipaddress.ip_network("2001:db8::/32")
        for behaviour in ("silent", "full"):
            behave(behaviour)
            began = time.monotonic()
            assert refusal(calls.setsc, sock, 2, timeout=0.2) == (odm.TimedOut, "ETIMEDOUT")
            assert 0.2 <= time.monotonic() - began < 0.2 + SLACK_SECONDS
        behave("slow-events")
        with odm.watch(sock) as watch:
            assert [next(watch).change, next(watch).change] == [odm.DEPRECATED, odm.REPLACED]
    assert len(caught) > 10


def test_a_signal_handler_that_raises_takes_the_request_back(behave, sock):
    def stop(*_):
        signal.setitimer(signal.ITIMER_REAL, 0)
        raise KeyboardInterrupt

    directory = behave("silent")
    before, so_far = descriptors(), dropped(directory)
    with interrupted(stop), pytest.raises(KeyboardInterrupt):
        odm.setsc(sock, odm.SESSION_LASTING)
    with interrupted(stop), pytest.raises(KeyboardInterrupt):
        odm.watch(sock)
    wait_until(lambda: dropped(directory) == so_far + 2, "the requests are taken back")
    assert descriptors() == before


def test_raised_privileges(behave, monkeypatch):
    """Who starts a program that can do more than they must not choose its daemon."""
    def ask(user, group):
        os.setresgid(*group)
        os.setresuid(*user)
        with sockets.socket(sockets.AF_INET6) as sock:
            return refusal(odm.setsc, sock, 2)[1]

    directory = behave("exhausted")
    for path in (directory, directory / "exhausted"):
        path.chmod(0o777)
    monkeypatch.setattr(odm._connection, "DEFAULT_PATH", b"/nowhere/odm/setsc")
    raised, plain = (NOBODY, 0, 0), (0, 0, 0)
    assert as_user(0, lambda: ask(plain, plain)) == repr("EADDRNOTAVAIL")
    assert as_user(0, lambda: ask(raised, plain)) == repr("ENOENT")
    assert as_user(0, lambda: ask(plain, raised)) == repr("ENOENT")
    monkeypatch.setenv("ODM_SOCKET", "")
    assert as_user(0, lambda: ask(plain, plain)) == repr("ENOENT")
    assert odm._connection.path_of_daemon() == b"/nowhere/odm/setsc"
    monkeypatch.undo()
    monkeypatch.delenv("ODM_SOCKET", raising=False)
    assert odm._connection.path_of_daemon() == b"/run/odm/setsc"


# Events

REPLACEMENT = ipaddress.IPv6Address("2001:db8:ffff::99")


def test_events(behave, sock):
    behave("events")
    with odm.watch(sock) as watch:
        of = (watch.address, odm.SESSION_LASTING)
        events = [next(watch) for _ in range(4)]
        assert events == [
            odm.Event(odm.DEPRECATED, *of, None, 60.0), odm.Event(odm.REPLACED, *of, REPLACEMENT, 59.999),
            odm.Event(odm.REMOVED, *of, REPLACEMENT, 0.0), odm.Event(odm.RESTORED, *of, None, None)]
    assert watch.fileno() == -1 and list(watch) == [], "it is closed"

    async def main():
        async with odm.aio.watch(sock) as watch:
            assert [await watch.__anext__() for _ in range(4)] == events
        assert await listed(watch) == []

    asyncio.run(main())


def test_events_until_the_end(behave, calls, sock):
    behave("events-end")
    before = descriptors()
    assert [event.change for event in calls.events(sock)] == [odm.DEPRECATED]
    assert descriptors() == before


@pytest.mark.parametrize("behaviour", [
    "short", "long", "huge", "is-reply", "not-ours", "0", "5", "reply", "type-0", "type-5", "type-8", "reserved-6",
    "reserved-12", "reserved-15", "no-address", "replaced-by-nothing", "other-version"])
def test_events_that_are_none(behave, sock, behaviour):
    behave(f"event-{behaviour}")
    expected = (odm.NotSupported, "EPROTONOSUPPORT") if behaviour == "other-version" else (odm.Failed, "EBADMSG")
    with odm.watch(sock) as watch:
        assert refusal(next, watch) == expected
        assert next(watch).change == odm.DEPRECATED
    assert refusal(lambda: asyncio.run(listed(odm.aio.watch(sock)))) == expected


def test_a_selector_waits_for_events(behave, sock):
    behave("slow-events")
    with odm.watch(sock) as watch, selectors.DefaultSelector() as selector:
        selector.register(watch, selectors.EVENT_READ)
        assert selector.select(0) == []
        assert [key.fileobj for key, _ in selector.select(5)] == [watch]
        assert next(watch, None).change == odm.DEPRECATED
        assert selector.select(0) == []


def test_a_loop_that_is_left_leaves_nothing(behave, sock):
    async def main():
        async for event in odm.aio.watch(sock):
            return event

    behave("many-events")
    before = descriptors()
    for event in odm.watch(sock):
        break
    assert asyncio.run(main()) == event
    assert descriptors() == before


def test_a_watch_that_another_thread_closes(behave, sock):
    behave("no-events")
    before = descriptors()
    with odm.watch(sock) as watch:
        closing = threading.Timer(A_WHILE, watch.close)
        closing.start()
        assert list(watch) == []
        closing.join()
    assert descriptors() == before


# asyncio

def test_other_tasks_run_meanwhile(behave, sock):
    async def main():
        asked = asyncio.ensure_future(odm.aio.setsc(sock, odm.SESSION_LASTING))
        turns = 0
        while not asked.done():
            await asyncio.sleep(0.01)
            turns += 1
        return turns

    behave("slow")
    assert asyncio.run(main()) > 5


@pytest.mark.parametrize("behaviour", ["silent", "full"])
def test_a_task_that_is_cancelled(behave, sock, behaviour):
    async def main():
        tasks = [asyncio.ensure_future(each) for each in (
            odm.aio.setsc(sock, 2), odm.aio.getsc(sock), listed(odm.aio.watch(sock)))]
        await asyncio.sleep(0.1)
        for task in tasks:
            task.cancel()
        done = await asyncio.gather(*tasks, return_exceptions=True)
        assert [type(each) for each in done] == [asyncio.CancelledError] * 3
        if behaviour == "silent":  # while the loop still runs
            wait_until(lambda: dropped(directory) == so_far + 3, "the requests are taken back")
        assert descriptors() == open_in_loop

    async def count():
        return descriptors()

    directory = behave(behaviour)
    open_in_loop, so_far = asyncio.run(count()), dropped(directory)
    asyncio.run(main())


def test_a_watch_that_is_cancelled(behave, sock):
    """It ends, unless it is in an `async with`."""
    async def main():
        async with odm.aio.watch(sock) as watch:
            with pytest.raises(asyncio.TimeoutError):
                await asyncio.wait_for(watch.__anext__(), 0.05)
            assert (await watch.__anext__()).change == odm.DEPRECATED
        watch = odm.aio.watch(sock)
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(watch.__anext__(), 0.1)
        assert await listed(watch) == []

    behave("slow-events")
    asyncio.run(main())


def test_a_watch_that_another_task_closes(behave, sock):
    async def main():
        watch = odm.aio.watch(sock)
        listing = asyncio.ensure_future(listed(watch))
        await asyncio.sleep(0.1)
        with pytest.raises(RuntimeError, match="another task"):
            await watch.__anext__()
        watch.close()
        assert await asyncio.wait_for(listing, 5) == []
        return descriptors()

    async def count():
        return descriptors()

    behave("no-events")
    assert asyncio.run(main()) == asyncio.run(count())


# The package

def sources():
    return sorted((PACKAGE / "odm").glob("*.py"))


def examples():
    text = (PACKAGE / "README.md").read_text()
    return re.findall(r"```python\n(.*?)```", text, re.DOTALL)


def example_command(code, server=("server.example.org", 7)):
    """Runs an example that connects to a server."""
    code = code.replace('("server.example.org", 7)', repr(server))
    return [sys.executable, "-W", "error", "-c", code]


@pytest.mark.parametrize("number, said", [(0, "connected from {}\n"), (1, "the server sees {}\n")])
def test_the_examples_that_connect(odmd, server, number, said):
    _, address = odmd.socket_with_address()
    done = odmd.namespace.run(*example_command(examples()[number], server), timeout=30,
                              env=os.environ | {"PYTHONPATH": str(PACKAGE)})
    assert done == said.format(address)


def test_the_first_example_goes_on_without_a_daemon(odmd, server):
    odmd.daemon.kill()
    done = odmd.namespace.run(*example_command(examples()[0], server), timeout=30,
                              env=os.environ | {"PYTHONPATH": str(PACKAGE)})
    assert done.startswith("going on with an ordinary address: ") and "\nconnected from 2001:db8:1::2\n" in done


def test_types(tmp_path):
    for number, code in enumerate(examples()):
        (tmp_path / f"example_{number}.py").write_text(code)
    assert number == 2
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", f"--cache-dir={tmp_path}/cache", PACKAGE / "odm",
         *tmp_path.glob("*.py")], text=True, capture_output=True, env=os.environ | {"MYPYPATH": str(PACKAGE)})
    assert done.returncode == 0, done.stdout + done.stderr


def test_it_is_for_python_3_9():
    for file in sources():
        ast.parse(file.read_text(), str(file), feature_version=(3, 9))


def test_everything_public_is_described():
    for module in (odm, odm.aio):
        for name in module.__all__:
            thing = getattr(module, name)
            assert inspect.getdoc(thing), name
            if inspect.isfunction(thing):
                assert "timeout" in inspect.signature(thing).parameters and "econds" in thing.__doc__, name


def test_a_wheel_has_all_of_it(tmp_path):
    shutil.copytree(PACKAGE, tmp_path / "source", ignore=shutil.ignore_patterns("__pycache__", "*.egg-info", "build"))
    subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", "--no-index", "--no-build-isolation",
                    "--no-deps", "--disable-pip-version-check", "--root-user-action=ignore",
                    f"--target={tmp_path}/installed", tmp_path / "source"], check=True)
    (version,) = re.findall(r"^VERSION := (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert (tmp_path / f"installed/odmd_client-{version}.dist-info").is_dir()
    installed = {path.name for path in (tmp_path / "installed/odm").iterdir() if path.is_file()}
    assert installed == {"py.typed", *(path.name for path in sources())}
    assert list(tmp_path.glob("installed/*.dist-info/**/LICENSE"))
    said = subprocess.run([sys.executable, "-c", "import odm, odm.aio; print(odm.__file__)"], text=True, check=True,
                          cwd="/", env={"PYTHONPATH": str(tmp_path / "installed")}, capture_output=True).stdout
    assert said.startswith(str(tmp_path))
