"""Those who watch a socket are told what becomes of its addresses, administrators of all; nobody is waited for."""

import contextlib
import signal
import socket as sockets
import subprocess
import time

import pytest
import setsc_client
from host import A_WHILE, as_user, wait_until
from setsc_client import WATCH, Refused, request

NOBODY = 65534
EX_UNAVAILABLE = 69


@pytest.fixture
def watch(host):
    """Call it with a socket to watch it; the watch ends with the test."""
    with contextlib.ExitStack() as stack:
        yield lambda sock: stack.enter_context(host.watch(sock))


@pytest.fixture
def monitor(host):
    """Call it to have `odmctl monitor` run; it ends with the test."""
    running = []

    def start(*arguments):
        with host.namespace:
            running.append(subprocess.Popen(
                host.daemon.odmctl_command("monitor", *arguments), text=True, stdout=subprocess.PIPE,
                stderr=subprocess.PIPE))
        return running[-1]

    yield start
    for process in running:
        process.kill()
        process.communicate()


# Watching

def test_a_watch_begins_with_the_latest_address(host, watch):
    sock, address = host.socket_with_address()
    first = watch(sock).first
    assert (first.address, first.type) == (address, setsc_client.SESSION_LASTING)
    latest = host.setsc(sock, setsc_client.NON_PERSISTENT)
    watching = watch(sock)
    assert (watching.first.address, watching.first.type) == (latest, setsc_client.NON_PERSISTENT)
    assert watching.is_quiet(A_WHILE), "nothing has become of it"


def test_a_socket_without_an_address_cannot_be_watched(host):
    with pytest.raises(Refused) as refused:
        host.watch(host.socket())
    assert refused.value.reply.refusal == ("CALLER_ERROR", "ENOENT")


@pytest.mark.parametrize("frame", [request(2, operation=WATCH), request(0, operation=WATCH, flags=1)])
def test_a_watch_has_neither_type_nor_flags(host, frame):
    sock, _ = host.socket_with_address()
    assert host.ask(frame, sock).refusal == ("CALLER_ERROR", "EINVAL")


def test_a_watch_is_of_a_socket(host):
    with open("/dev/null") as file:
        assert host.ask(request(0, operation=WATCH), file).refusal == ("CALLER_ERROR", "ENOTSOCK")
    assert host.ask(request(0, operation=WATCH)).refusal == ("CALLER_ERROR", "EBADF")


def test_the_frame_may_come_later(host):
    """The client becomes a watcher out of one that had only connected."""
    sock, address = host.socket_with_address()
    with setsc_client.connect(host.daemon.setsc_socket) as connection:
        time.sleep(0.1)
        setsc_client.send(connection, request(0, operation=WATCH), [sock])
        assert setsc_client.receive(connection).address == address
        connection.settimeout(3)  # longer than the time to send
        with pytest.raises(TimeoutError):
            connection.recv(64)


@pytest.mark.parametrize("count", [1, 5])
@pytest.mark.parametrize("kind", [sockets.SOCK_STREAM, sockets.SOCK_DGRAM])
def test_a_watch_ends_with_its_socket(host, watch, kind, count):
    sock, _ = host.socket_with_address(kind=kind)
    other, _ = host.socket_with_address(kind=kind)
    watches, of_other = [watch(sock) for _ in range(count)], watch(other)
    copy = sock.dup()
    sock.close()
    assert watches[0].is_quiet(A_WHILE), "the socket is still there"
    copy.close()
    assert [watching.next() for watching in watches] == [None] * count
    assert of_other.is_quiet(A_WHILE)


def test_a_watch_does_not_keep_its_socket(host, watch):
    sock, address = host.socket_with_address()
    watch(sock)
    sock.close()
    host.wait_until_gone(address)
    host.assert_nothing_left()


def test_a_watch_ends_with_a_socket_whose_death_is_not_announced(host, watch):
    sock, _ = host.socket_with_address(kind=sockets.SOCK_RAW, protocol=sockets.IPPROTO_UDP)
    watching = watch(sock)
    sock.close()
    watching.connection.settimeout(15)
    assert watching.next() is None


def test_who_says_more_is_let_go(host, watch):
    sock, _ = host.socket_with_address()
    watching = watch(sock)
    setsc_client.send(watching.connection, request(0, operation=WATCH), [sock])
    assert watching.next() is None


def test_watches_that_are_closed_cost_nothing(host):
    sock, _ = host.socket_with_address()
    before = host.daemon.descriptors
    for _ in range(2000):
        host.watch(sock).connection.close()
    wait_until(lambda: host.daemon.descriptors == before, "the daemon has closed them too")


def test_the_end_of_the_daemon_ends_watches(host, watch):
    sock, address = host.socket_with_address()
    for end in (host.daemon.stop, host.daemon.kill):
        watching = watch(sock)
        end()
        assert watching.next() is None
        host.daemon.start()
        assert watch(sock).first.address == address, "it can be watched again"


def test_one_user_cannot_have_all_watches(host, watch):
    """Root has a place still when another user has as many as one may have."""
    def take_all():
        sock = sockets.socket(sockets.AF_INET6, sockets.SOCK_DGRAM)
        setsc_client.setsc(path, sock, setsc_client.SESSION_LASTING)
        watches = []
        try:
            while len(watches) < 1000:
                watches.append(setsc_client.Watch(path, sock))
        except Refused as refused:
            return len(watches), refused.reply.refusal
        return len(watches)

    path = host.daemon.setsc_socket
    with host.namespace:
        assert as_user(NOBODY, take_all) == repr((192, ("FAILED", "EDQUOT")))
    sock, _ = host.socket_with_address()
    assert watch(sock).is_quiet(0)
    # Those of a process that has ended have made room.
    with host.namespace:
        assert as_user(NOBODY, take_all) == repr((192, ("FAILED", "EDQUOT")))


def test_watchers_delay_nobody(host, watch):
    sock, _ = host.socket_with_address()
    for _ in range(190):
        watch(sock)
    began = time.monotonic()
    for _ in range(500):
        host.setsc(sock)
    assert time.monotonic() - began < 5


# Monitoring

def test_everybody_may_monitor(host):
    done = subprocess.run(
        ["timeout", "--signal=INT", "1", "setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups",
         *host.daemon.odmctl_command("monitor")], text=True, capture_output=True, timeout=10)
    assert (done.returncode, done.stdout, done.stderr) == (124, "", ""), "it ran until timeout ended it"


def test_an_interrupt_ends_a_monitor(monitor):
    process = monitor()
    time.sleep(A_WHILE)
    assert process.poll() is None
    process.send_signal(signal.SIGINT)
    assert process.communicate(timeout=5) == ("", "")
    assert process.returncode == 0


def test_the_end_of_the_daemon_ends_a_monitor(host, monitor):
    process = monitor("--json")
    time.sleep(A_WHILE)
    host.daemon.stop()
    said, complained = process.communicate(timeout=5)
    assert said == "" and "odmd ended the connection" in complained
    assert process.returncode == EX_UNAVAILABLE


def test_a_monitor_ends_with_its_reader(monitor):
    process = monitor()
    time.sleep(A_WHILE)
    process.stdout.close()
    assert process.wait(5) == 0
