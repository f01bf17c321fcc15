"""Fresh addresses after a time or a volume of traffic (MaxAgeSec=, MaxBytes=): new sockets get a new one, old sockets
keep theirs."""

import fcntl
import socket
import termios
import time

from host import configuration, reset, wait_until
from setsc_client import FIXED, GRACEFUL_REPLACEMENT, NON_PERSISTENT, SESSION_LASTING

AGE_SECONDS = 1
YOUNG = "MaxAgeSec=1\nLingerSec=0"
#: Traffic is looked at every 5 s.
MEASURED_SECONDS = 5
LIMIT_BYTES = 65536
LITTLE = f"MaxBytes={LIMIT_BYTES}\nLingerSec=0"


def wait_until_fresh(host, old, type=SESSION_LASTING, seconds=AGE_SECONDS + 1):
    """Until a new socket gets an address that is not the old one; the socket and its address."""
    fresh = []

    def is_fresh():
        sock, address = host.socket_with_address(type)
        if address != old:
            fresh.append((sock, address))
            return True
        sock.close()
        return False

    wait_until(is_fresh, f"new sockets do not get {old} any more", seconds)
    return fresh[0]


def assert_goes_on(connection):
    """What is sent is acknowledged."""
    connection.sendall(b"still connected")
    unsent = bytearray(b"____")

    def is_sent():
        fcntl.ioctl(connection, termios.TIOCOUTQ, unsent)
        return unsent == bytes(4)

    wait_until(is_sent, "the other end has it all")


# A time

def test_new_sockets_get_a_new_address_and_old_ones_keep_theirs(configured_host, server):
    host = configured_host(configuration(session_lasting=YOUNG))
    began = time.monotonic()
    sock, address = host.socket_with_address()
    assert host.peer_seen_by_server(sock, server) == address
    assert host.socket_with_address()[1] == address, "as long as it is fresh"
    fresh_sock, fresh = wait_until_fresh(host, address)
    assert time.monotonic() - began >= AGE_SECONDS
    assert host.peer_seen_by_server(fresh_sock, server) == fresh
    assert {address, fresh} <= host.addresses
    assert host.getsc(sock) == (address, SESSION_LASTING)
    assert host.peer_seen_by_server(host.socket_with_address()[0], server) == fresh
    assert_goes_on(sock)


def test_an_old_address_goes_with_its_last_socket(configured_host):
    """It does not linger: nobody would get it."""
    host = configured_host(configuration(session_lasting="MaxAgeSec=1\nLingerSec=1h"))
    socks, address = [host.socket() for _ in range(3)], None
    for sock in socks:
        address = host.setsc(sock)
    fresh_sock, fresh = wait_until_fresh(host, address)
    for sock in socks[:2]:
        sock.close()
    wait_until(lambda: len(host.daemon.administer("sockets", address)["sockets"]) == 1, "one socket is left")
    assert host.addresses == {address, fresh}
    socks[2].close()
    host.wait_until_gone(address)
    assert host.addresses == {fresh}


def test_an_unused_address_goes_when_it_is_old(configured_host):
    host = configured_host(configuration(session_lasting="MaxAgeSec=1\nLingerSec=1h", fixed="LingerSec=1h"))
    for type in (SESSION_LASTING, FIXED):
        host.socket_with_address(type)[0].close()
    wait_until(lambda: host.daemon.administer("sockets")["sockets"] == [], "the sockets are gone")
    _, lasting = (row["address"] for row in sorted(host.daemon.administer("addresses")["addresses"],
                                                   key=lambda row: row["type"]))
    host.wait_until_gone(lasting, AGE_SECONDS + 1)
    assert [row["type"] for row in host.daemon.administer("addresses")["addresses"]] == ["fixed"], \
        "a fixed address is always the same"


def test_a_held_address_stays_until_it_is_released(configured_host):
    host = configured_host(configuration(session_lasting=YOUNG))
    held = host.daemon.administer("acquire", "session-lasting")["address"]
    _, fresh = wait_until_fresh(host, held)
    assert host.addresses == {held, fresh}
    host.daemon.administer("release", held)
    host.wait_until_gone(held)
    assert fresh in host.addresses


def test_an_old_address_is_old_after_a_restart(configured_host):
    """And the one that came after it is given on."""
    host = configured_host(configuration(session_lasting=YOUNG))
    sock, address = host.socket_with_address()
    _, fresh = wait_until_fresh(host, address)
    host.daemon.kill()
    host.daemon.start()
    assert host.socket_with_address()[1] != address
    assert {address, fresh} <= host.addresses
    sock.close()
    host.wait_until_gone(address)


def test_a_reload_brings_an_end_to_what_had_none(configured_host):
    host = configured_host(configuration(session_lasting="LingerSec=0"))
    sock, address = host.socket_with_address()
    time.sleep(AGE_SECONDS)
    host.daemon.configure(configuration(session_lasting=YOUNG))
    host.daemon.reload()
    wait_until_fresh(host, address, seconds=0.2)
    assert host.getsc(sock) == (address, SESSION_LASTING)


# A volume

def test_traffic_of_tcp_is_counted(configured_host, server):
    """Of connections that are there and of such that have ended; datagrams, and less than the limit, are not enough."""
    host = configured_host(configuration(
        "session-lasting non-persistent graceful-replacement", session_lasting=LITTLE, non_persistent=LITTLE,
        graceful_replacement=LITTLE))
    began = time.monotonic()
    live, of_live = host.socket_with_address()
    host.peer_seen_by_server(live, server)
    live.sendall(bytes(LIMIT_BYTES))

    keeper, of_ended = host.socket_with_address(NON_PERSISTENT)
    for _ in range(2):
        ended, same = host.socket_with_address(NON_PERSISTENT)
        assert same == of_ended
        host.peer_seen_by_server(ended, server)
        ended.sendall(bytes(LIMIT_BYTES // 2))
        ended.shutdown(socket.SHUT_WR)
        assert ended.recv(1) == b"", "all has been read"
        ended.close()

    datagrams, of_datagrams = host.socket_with_address(GRACEFUL_REPLACEMENT, socket.SOCK_DGRAM)
    for _ in range(100):
        datagrams.sendto(bytes(1200), (server[0], 9))
    few, same = host.socket_with_address(GRACEFUL_REPLACEMENT)
    assert same == of_datagrams
    host.peer_seen_by_server(few, server)
    few.sendall(bytes(LIMIT_BYTES // 2))

    wait_until_fresh(host, of_live, seconds=MEASURED_SECONDS + 1)
    wait_until_fresh(host, of_ended, NON_PERSISTENT, seconds=1)
    assert time.monotonic() - began > MEASURED_SECONDS - 1, "it is looked at now and then"
    assert host.socket_with_address(GRACEFUL_REPLACEMENT)[1] == of_datagrams
    assert {of_live, of_ended, of_datagrams} <= host.addresses
    assert_goes_on(live)
    keeper.close()
    host.wait_until_gone(of_ended)
    reset(live)
    host.wait_until_gone(of_live)
