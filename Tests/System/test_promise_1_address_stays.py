"""Promise 1: an address is never removed while a socket that was given it, or is bound to it, is open."""

import os
import socket
import time

import pytest
from host import A_WHILE, wait_until
from setsc_client import SESSION_LASTING


@pytest.mark.parametrize("kind", [socket.SOCK_STREAM, socket.SOCK_DGRAM])
@pytest.mark.parametrize("bind", [True, False], ids=["bound", "unbound"])
def test_while_one_of_two_sockets_is_open(host, kind, bind):
    first, address = host.socket_with_address(kind=kind, bind=bind)
    second, _ = host.socket_with_address(kind=kind, bind=bind)
    first.close()
    time.sleep(A_WHILE)
    assert address in host.addresses
    second.close()
    host.wait_until_gone(address)


def test_while_a_duplicate_is_open(host):
    sock, address = host.socket_with_address()
    duplicate = os.dup(sock.fileno())
    sock.close()
    time.sleep(A_WHILE)
    assert address in host.addresses
    os.close(duplicate)
    host.wait_until_gone(address)


def test_while_a_forked_child_holds_the_socket(host):
    process, address = host.application("forked")
    process.wait(5)
    time.sleep(A_WHILE)
    assert address in host.addresses
    process.stdin.close()  # the child reads it too
    host.wait_until_gone(address)


def test_while_the_socket_travels(host):
    """A socket in flight over a Unix socket is open although no process has it."""
    sock, address = host.socket_with_address()
    here, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
    socket.send_fds(here, [b"!"], [sock.fileno()])
    sock.close()
    time.sleep(A_WHILE)
    assert address in host.addresses
    _, (descriptor,), _, _ = socket.recv_fds(there, 1, 1)
    assert address in host.addresses
    os.close(descriptor)
    host.wait_until_gone(address)
    here.close(), there.close()


def test_while_an_accepted_child_is_open(host):
    """The listener was given the address, its children only use it."""
    listener, address = host.socket_with_address()
    listener.listen()
    client = host.socket()
    client.connect(listener.getsockname())
    child, _ = listener.accept()
    client.close(), listener.close()
    time.sleep(A_WHILE)
    assert address in host.addresses
    child.close()
    host.wait_until_gone(address)


def test_while_a_socket_is_bound_that_never_asked(host):
    sock, address = host.socket_with_address()
    stranger = host.socket(socket.SOCK_DGRAM)
    stranger.bind((address, 0))
    sock.close()
    time.sleep(A_WHILE)
    assert address in host.addresses
    stranger.close()
    host.wait_until_gone(address)


def test_while_a_bound_stranger_outlives_a_restart(host):
    sock, address = host.socket_with_address()
    stranger = host.socket()
    stranger.bind((address, 0))
    host.daemon.kill()
    sock.close()
    host.daemon.start()
    time.sleep(A_WHILE)
    assert address in host.addresses


@pytest.mark.parametrize("end", ["stop", "kill"])
@pytest.mark.parametrize("kind", [socket.SOCK_STREAM, socket.SOCK_DGRAM])
def test_through_a_restart_of_the_daemon(host, end, kind):
    sock, address = host.socket_with_address(kind=kind)
    getattr(host.daemon, end)()
    assert address in host.addresses
    host.daemon.start()
    assert address in host.addresses
    time.sleep(A_WHILE)
    assert address in host.addresses
    assert host.socket_with_address()[1] == address, "the adopted address is shared"
    sock.close()


@pytest.mark.parametrize("end", ["stop", "kill"])
def test_a_connection_outlives_the_daemon(host, server, end):
    sock, address = host.socket_with_address()
    assert host.peer_seen_by_server(sock, server) == address
    getattr(host.daemon, end)()
    host.daemon.start()
    sock.send(b"still there?")
    time.sleep(A_WHILE)
    assert address in host.addresses
    sock.close()
    host.wait_until_gone(address)
    host.assert_nothing_left()


def test_release_breaks_no_session(host):
    sock, address = host.socket_with_address()
    answer = host.daemon.administer("release", address)
    assert address in host.addresses
    assert host.socket_with_address()[1] != address, "it gets no new user"
    assert host.getsc(sock) == (address, SESSION_LASTING)
    assert str(answer).find("'sockets': 1") >= 0
    sock.close()
    host.wait_until_gone(address)


def test_a_reload_without_its_source_breaks_no_session(host):
    sock, address = host.socket_with_address()
    host.daemon.configure("")
    host.daemon.reload()
    time.sleep(A_WHILE)
    assert address in host.addresses
    sock.close()
    wait_until(lambda: not host.addresses, "the address goes with its socket")


def test_many_short_lives_beside_a_long_one(host):
    """The deaths of hundreds of sockets do not take the address from the one that stays."""
    keeper, address = host.socket_with_address()
    for _ in range(500):
        sock = host.socket()
        assert host.setsc(sock) == address
        sock.close()
    assert address in host.addresses
    wait_until(lambda: len(host.daemon.administer("sockets")["sockets"]) == 1, "one socket is left")
    keeper.close()
    host.wait_until_gone(address)
