"""Promise 1, through kills, stops and starts of the daemon: it knows what it has given to sockets that have not bound,
and to whom it has given what."""

import contextlib
import os
import socket
import time

import pytest
from host import A_WHILE, LOOKED_AT_SECONDS, configuration, wait_until
from network import PREFIX
from setsc_client import FIXED, NON_PERSISTENT, SESSION_LASTING

ENDS = pytest.mark.parametrize("end", ["stop", "kill"])
KINDS = pytest.mark.parametrize("kind", [socket.SOCK_STREAM, socket.SOCK_DGRAM], ids=["tcp", "udp"])


def assert_stays(host, *addresses):
    time.sleep(A_WHILE)
    assert set(addresses) <= host.addresses


# Sockets that are in no list of the kernel's

@ENDS
@KINDS
def test_an_unbound_socket(host, end, kind):
    sock, address = host.socket_with_address(kind=kind, bind=False)
    with host.daemon_away(end):
        assert address in host.addresses
    assert_stays(host, address)
    sock.bind((address, 0))
    sock.close()
    host.assert_nothing_left()


def test_an_unbound_socket_through_ten_kills(host):
    sock, address = host.socket_with_address(bind=False)
    for _ in range(10):
        with host.daemon_away():
            pass
    assert_stays(host, address)
    sock.close()
    host.assert_nothing_left()


def test_an_unbound_socket_and_a_daemon_that_is_killed_at_once(host):
    """It is killed in the middle of its start, or of what it does after it."""
    sock, address = host.socket_with_address(bind=False)
    for milliseconds in (0, 1, 2, 3, 4, 5, 7, 10, 20):
        host.daemon.kill()
        host.daemon.launch()
        time.sleep(milliseconds / 1000)
    host.daemon.kill()
    host.daemon.start()
    assert_stays(host, address)
    sock.bind((address, 0))


@ENDS
def test_an_unbound_socket_that_a_child_holds(host, end):
    """The process that asked is gone, the socket is not."""
    process, address = host.application("unbound-forked")
    process.wait(5)
    with host.daemon_away(end):
        pass
    assert_stays(host, address)
    process.stdin.close()  # the child reads it too
    host.wait_until_gone(address)


def test_an_unbound_socket_that_was_passed_on_meanwhile(host):
    ours, theirs = socket.socketpair(socket.AF_UNIX)
    process, address = host.application("passing", str(theirs.fileno()), pass_fds=[theirs.fileno()])
    with host.daemon_away():
        process.stdin.close()
        process.wait(5)
        _, (descriptor,), _, _ = socket.recv_fds(ours, 1, 1)
    ours.close(), theirs.close()
    assert_stays(host, address)
    os.close(descriptor)
    host.assert_nothing_left()


@pytest.mark.parametrize("user", [None, 4001])
def test_an_unbound_socket_of_another_process(host, user):
    process, address = host.application("unbound", user=user)
    with host.daemon_away():
        pass
    assert_stays(host, address)
    process.kill()
    host.wait_until_gone(address)


# What died while the daemon was away

@ENDS
def test_an_unbound_socket_that_is_closed_meanwhile(host, end):
    kept, _ = host.socket_with_address(NON_PERSISTENT, bind=False)
    sock, address = host.socket_with_address(bind=False)
    with host.daemon_away(end):
        sock.close()
    host.wait_until_gone(address)
    kept.close()
    host.assert_nothing_left()


@pytest.mark.parametrize("kind", ["bound", "unbound", "udp"])
def test_a_process_that_is_killed_meanwhile(host, kind):
    process, address = host.application(kind)
    with host.daemon_away():
        process.kill()
        process.wait()
    host.wait_until_gone(address)
    host.assert_nothing_left()


def test_a_socket_that_dies_just_when_the_daemon_starts(host):
    """Before the subscription, between it and the lists, or after them."""
    for _ in range(10):
        sock, address = host.socket_with_address(bind=False)
        host.daemon.kill()
        host.daemon.launch()
        sock.close()
        host.daemon.wait_for_notice("READY=1")
    host.assert_nothing_left()


# Who has been given what

@ENDS
@pytest.mark.parametrize("bind", [True, False], ids=["bound", "unbound"])
def test_getsc(host, end, bind):
    given = {host.socket(): type for type in (FIXED, SESSION_LASTING, NON_PERSISTENT)}
    addresses = {sock: host.setsc(sock, type) for sock, type in given.items()}
    for sock in given if bind else []:
        sock.bind((addresses[sock], 0))
    with host.daemon_away(end):
        pass
    for sock, type in given.items():
        assert host.getsc(sock) == (addresses[sock], type)
        assert host.setsc(sock, type) == addresses[sock], "who asks again keeps what it had"


def test_all_addresses_of_a_socket(host):
    sock = host.socket()
    given = [host.setsc(sock, on_net=True) for _ in range(5)]
    with host.daemon_away():
        pass
    assert_stays(host, *given)
    assert host.getsc(sock) == (given[-1], SESSION_LASTING), "getsc says what was given last"
    sock.close()
    host.assert_nothing_left()


def test_whose_it_is(host):
    """The lists say the same of a socket before and after."""
    sock, _ = host.socket_with_address(bind=False)
    before = host.daemon.administer("sockets")["sockets"]
    assert before[0]["process"] == os.getpid()
    with host.daemon_away():
        pass
    assert host.daemon.administer("sockets")["sockets"] == before
    sock.close()


def test_an_address_of_a_user_is_given_to_no_other(configured_host):
    host = configured_host(configuration(session_lasting="Share=user\nLingerSec=0"))
    _, of_other = host.application("unbound", user=4001)
    with host.daemon_away():
        pass
    assert host.socket_with_address()[1] != of_other
    assert host.application("unbound", user=4001)[1] == of_other


def test_an_address_of_a_socket_is_given_to_no_other(configured_host):
    host = configured_host(configuration(session_lasting="Share=socket\nLingerSec=0"))
    given = [host.socket_with_address(bind=bind) for bind in (True, False)]
    with host.daemon_away():
        pass
    assert host.socket_with_address()[1] not in {address for _, address in given}
    for sock, address in given:
        assert host.setsc(sock) == address


def test_a_request_with_on_net_gets_an_address_that_no_other_has(host):
    _, alone = host.socket_with_address(on_net=True, bind=False)
    with host.daemon_away():
        pass
    assert host.socket_with_address(on_net=True)[1] != alone


@ENDS
def test_what_the_administrator_holds(host, end):
    held = host.daemon.administer("acquire", "session-lasting")["address"]
    with host.daemon_away(end):
        pass
    assert_stays(host, held)
    (row,) = host.daemon.administer("addresses")["addresses"]
    assert (row["address"], row["held"]) == (held, True)
    host.daemon.administer("release", held)
    host.assert_nothing_left()


def test_what_was_released_is_not_held_again(host):
    held = host.daemon.administer("acquire", "session-lasting")["address"]
    sock = host.socket()
    assert host.setsc(sock) == held
    host.daemon.administer("release", held)
    with host.daemon_away():
        pass
    sock.close()
    host.assert_nothing_left()


# Place=route: addresses that the kernel's table does not name

@ENDS
@pytest.mark.parametrize("bind", [True, False], ids=["bound", "unbound"])
def test_an_address_that_is_only_routed(configured_host, server, end, bind):
    host = configured_host(configuration(source="Place=route"))
    sock, address = host.socket_with_address(bind=bind)
    with host.daemon_away(end):
        assert any(route.startswith(f"local {PREFIX} dev lo") for route in host.routes())
    time.sleep(A_WHILE)
    assert any(route.startswith(f"local {PREFIX} dev lo") for route in host.routes())
    assert host.getsc(sock) == (address, SESSION_LASTING)
    if not bind:
        sock.bind((address, 0))
    assert host.peer_seen_by_server(sock, server) == address
    sock.close()
    host.assert_nothing_left()


def test_an_address_that_is_only_routed_and_closed_meanwhile(configured_host):
    host = configured_host(configuration(source="Place=route"))
    sock, _ = host.socket_with_address(bind=False)
    with host.daemon_away():
        sock.close()
    host.assert_nothing_left()


# Sockets in doubt

@contextlib.contextmanager
def in_flight(sock):
    """Has a socket wait in a message to nobody in particular: no process has it. Yields where it can be received."""
    here, there = socket.socketpair(socket.AF_UNIX)
    with contextlib.closing(here), contextlib.closing(there):
        socket.send_fds(here, [b"!"], [sock.fileno()])
        sock.close()
        yield there


@pytest.mark.parametrize("sent", ["while the daemon is away", "as it starts"])
def test_a_socket_in_flight(host, sent):
    """No process has it, and it is bound to nothing: only that something is on its way tells it from a dead one."""
    sock, address = host.socket_with_address(bind=False)
    with contextlib.ExitStack() as messages:
        with host.daemon_away():
            if sent == "while the daemon is away":
                there = messages.enter_context(in_flight(sock))
        if sent == "as it starts":
            there = messages.enter_context(in_flight(sock))
        assert_stays(host, address)
        _, (descriptor,), _, _ = socket.recv_fds(there, 1, 1)
        time.sleep(LOOKED_AT_SECONDS)
        assert address in host.addresses
        os.close(descriptor)
    host.wait_until_gone(address, LOOKED_AT_SECONDS)


def test_a_socket_in_flight_inside_a_socket_in_flight(host):
    """The queue that it waits in is nobody's either, but the one that this one waits in is."""
    sock, address = host.socket_with_address(bind=False)
    here, there = socket.socketpair(socket.AF_UNIX)
    with contextlib.closing(here), contextlib.closing(there):
        with host.daemon_away(), in_flight(sock) as inner:
            socket.send_fds(here, [b"!"], [inner.fileno()])
        assert_stays(host, address)
    host.wait_until_gone(address, LOOKED_AT_SECONDS)


def test_a_stop_and_a_much_later_start(configured_host):
    """Away for longer than anything lingers."""
    host = configured_host(configuration(session_lasting="LingerSec=1"))
    unbound, first = host.socket_with_address(bind=False)
    _, lingering = host.socket_with_address(on_net=True)
    process, second = host.application("udp")
    with host.daemon_away("stop"):
        process.kill()
        process.wait()
        time.sleep(1.2)
        assert {first, lingering} <= host.addresses
    wait_until(lambda: host.addresses == {first, lingering}, "what is in use stays")
    assert second == first
    assert unbound.fileno() >= 0
