"""Promise 1: everything that uses an address counts, whoever bound it, whether or not the kernel tells of its end."""

import contextlib
import errno
import os
import socket
import time

import pytest
from host import A_WHILE, LOOKED_AT_SECONDS, configuration, wait_until
from setsc_client import SESSION_LASTING

IPPROTO_UDPLITE, IPPROTO_SCTP, IPPROTO_MPTCP = 136, 132, 262
# The kernel announces the end of none of these.
SILENT = {"raw": (socket.SOCK_RAW, socket.IPPROTO_ICMPV6), "ping": (socket.SOCK_DGRAM, socket.IPPROTO_ICMPV6),
          "udp-lite": (socket.SOCK_DGRAM, IPPROTO_UDPLITE), "mptcp": (socket.SOCK_STREAM, IPPROTO_MPTCP),
          "sctp": (socket.SOCK_STREAM, IPPROTO_SCTP)}
TIME_WAIT_SECONDS = 3


@pytest.fixture
def host_of_silent_sockets(configured_host):
    """Each socket gets an address of its own, so that one cannot keep another's."""
    host = configured_host(configuration(session_lasting="Share=socket\nLingerSec=0"))
    host.namespace.set_sysctl("net/ipv4/ping_group_range", "0 0")
    return host


def silent_sockets(host, bind=True, kinds=SILENT):
    """A socket of each kind that the kernel has, and its address."""
    found = []
    for kind in kinds:
        try:
            found.append(host.socket_with_address(kind=SILENT[kind][0], protocol=SILENT[kind][1], bind=bind))
        except OSError as error:
            assert error.errno == errno.EPROTONOSUPPORT, kind
    return found


@pytest.mark.parametrize("kind", SILENT)
def test_each_kind_is_given_an_address(host_of_silent_sockets, kind):
    host = host_of_silent_sockets
    pairs = silent_sockets(host, kinds=[kind])
    if not pairs:
        pytest.skip(f"this kernel has no {kind} sockets")
    ((sock, address),) = pairs
    assert sock.getsockname()[0] == address in host.addresses
    assert host.getsc(sock) == (address, SESSION_LASTING)
    (row,) = host.daemon.administer("sockets")["sockets"]
    assert row["address"] == address


def test_sockets_whose_end_is_not_announced(host_of_silent_sockets):
    """Bound or not: while they are open their addresses stay, and when they are closed they go."""
    host = host_of_silent_sockets
    pairs = silent_sockets(host) + silent_sockets(host, bind=False)
    given = {address for _, address in pairs}
    closed, gone = pairs.pop()
    closed.close()
    host.wait_until_gone(gone, LOOKED_AT_SECONDS)
    assert host.addresses == given - {gone}, "those that are open were looked at too"
    for sock, _ in pairs:
        sock.close()
    wait_until(lambda: not host.addresses, "they were closed", LOOKED_AT_SECONDS)
    host.assert_nothing_left()


def test_sockets_whose_end_is_not_announced_through_a_kill(host_of_silent_sockets):
    host = host_of_silent_sockets
    pairs = silent_sockets(host) + silent_sockets(host, bind=False)
    given = {address for _, address in pairs}
    with host.daemon_away():
        closed, gone = pairs.pop()
        closed.close()
    host.wait_until_gone(gone, LOOKED_AT_SECONDS)
    time.sleep(A_WHILE)
    assert host.addresses == given - {gone}
    for sock, _ in pairs:
        sock.close()
    wait_until(lambda: not host.addresses, "they were closed", LOOKED_AT_SECONDS)


def test_sockets_whose_end_is_not_announced_and_that_others_hold(host_of_silent_sockets):
    host = host_of_silent_sockets
    pairs = silent_sockets(host)
    copies = [os.dup(sock.fileno()) for sock, _ in pairs]
    ours, theirs = socket.socketpair(socket.AF_UNIX)
    for sock, _ in pairs:
        sock.close()
    child = os.fork()
    if child == 0:
        ours.close()
        os._exit(len(theirs.recv(1)))
    theirs.close()
    for copy in copies:
        os.close(copy)
    time.sleep(LOOKED_AT_SECONDS - 2)
    assert host.addresses == {address for _, address in pairs}
    ours.close()
    os.waitpid(child, 0)
    wait_until(lambda: not host.addresses, "they were closed", LOOKED_AT_SECONDS)


@pytest.mark.parametrize("away", [False, True], ids=["", "through a kill"])
def test_silent_sockets_that_were_bound_by_hand(host_of_silent_sockets, away):
    """They never asked, and whoever did is gone."""
    host = host_of_silent_sockets
    pairs = []
    for kind, protocol in SILENT.values():
        with contextlib.suppress(OSError):
            stranger = host.socket(kind, protocol=protocol)
            giver, address = host.socket_with_address()
            stranger.bind((address, 0))
            pairs.append((giver, stranger, address))
    given = {address for *_, address in pairs}
    assert len(given) >= 3
    with host.daemon_away() if away else contextlib.nullcontext():
        for giver, *_ in pairs:
            giver.close()
    time.sleep(A_WHILE)
    assert host.addresses == given
    for _, stranger, _ in pairs:
        stranger.close()
    wait_until(lambda: not host.addresses, "they were closed", LOOKED_AT_SECONDS)
    host.assert_nothing_left()


def test_a_connected_datagram_socket_that_was_bound_by_hand(host):
    giver, address = host.socket_with_address()
    stranger = host.socket(socket.SOCK_DGRAM)
    stranger.bind((address, 0))
    stranger.connect(("2001:db8:2::2", 9))
    giver.close()
    time.sleep(A_WHILE)
    assert address in host.addresses
    stranger.close()
    host.wait_until_gone(address)


def test_a_child_of_a_listener_on_all_addresses(host):
    """The listener is bound to none of ours, its child is."""
    giver, address = host.socket_with_address()
    listener = host.socket()
    listener.bind(("::", 0))
    listener.listen()
    client = host.socket()
    client.bind(("::1", 0))
    client.connect((address, listener.getsockname()[1]))
    child, _ = listener.accept()
    giver.close(), listener.close()
    time.sleep(A_WHILE)
    assert child.getsockname()[0] == address in host.addresses
    with host.daemon_away():
        pass
    time.sleep(A_WHILE)
    assert address in host.addresses
    client.close(), child.close()
    host.wait_until_gone(address, TIME_WAIT_SECONDS + 3)


def test_a_connection_that_waits_to_be_accepted(host):
    """It is in the listener's queue, in no process's hands."""
    giver, address = host.socket_with_address()
    listener = host.socket()
    listener.bind(("::", 0))
    listener.listen()
    client = host.socket()
    client.bind(("::1", 0))
    client.connect((address, listener.getsockname()[1]))
    giver.close()
    time.sleep(A_WHILE)
    assert address in host.addresses
    child, _ = listener.accept()
    client.close(), child.close()
    host.wait_until_gone(address, TIME_WAIT_SECONDS + 3)


# TIME-WAIT, which is no socket and yet needs its address for the last acknowledgements

def ended_connection(host, server):
    """An address whose connection we have closed first, and when."""
    sock, address = host.socket_with_address()
    assert host.peer_seen_by_server(sock, server) == address
    sock.close()
    return address, time.monotonic()


def seconds_until_gone(host, address, ended):
    host.wait_until_gone(address, TIME_WAIT_SECONDS + 3)
    return time.monotonic() - ended


def test_a_connection_that_has_just_ended(host, server):
    address, ended = ended_connection(host, server)
    assert TIME_WAIT_SECONDS - 0.5 <= seconds_until_gone(host, address, ended) < TIME_WAIT_SECONDS + 1.5
    host.assert_nothing_left()


def test_it_adds_nothing_to_a_longer_linger_time(configured_host, server):
    host = configured_host(configuration(session_lasting=f"LingerSec={TIME_WAIT_SECONDS + 1}"))
    address, ended = ended_connection(host, server)
    assert TIME_WAIT_SECONDS + 1 <= seconds_until_gone(host, address, ended) < TIME_WAIT_SECONDS + 2.5


def test_its_wait_goes_on_through_a_kill(host, server):
    address, ended = ended_connection(host, server)
    with host.daemon_away():
        time.sleep(A_WHILE)
    assert TIME_WAIT_SECONDS - 0.5 <= seconds_until_gone(host, address, ended) < TIME_WAIT_SECONDS + 1.5


def test_it_is_over_when_the_daemon_was_away_for_longer(host, server):
    address, ended = ended_connection(host, server)
    with host.daemon_away():
        time.sleep(TIME_WAIT_SECONDS + 0.2)
    started = time.monotonic()
    assert seconds_until_gone(host, address, started) < 1
