"""Promise 4: a program that does not use odmd sees the behaviour that it has today."""

import socket

from network import LEGACY_ADDRESS
from setsc_client import FIXED, NON_PERSISTENT, SESSION_LASTING


def test_it_does_not_get_our_addresses(host, server):
    for type in (FIXED, SESSION_LASTING, NON_PERSISTENT):
        host.socket_with_address(type)
    for _ in range(3):
        assert host.peer_seen_by_server(host.socket(), server) == LEGACY_ADDRESS


def test_its_datagrams_leave_from_its_own_address(host):
    host.socket_with_address()
    sock = host.socket(socket.SOCK_DGRAM)
    sock.connect(("2001:db8:2::2", 9))
    assert sock.getsockname()[0] == LEGACY_ADDRESS


def test_it_is_not_watched_while_no_socket_is_tracked(host):
    """Following socket deaths slows every socket on the host down, so it is for the time of need only."""
    def subscribers():
        with host.namespace:
            rows = open("/proc/net/netlink").read().splitlines()[1:]
        # Eth column 2 is the protocol (4: NETLINK_SOCK_DIAG), column 4 the groups as a bit mask.
        return [row for row in map(str.split, rows) if row[1] == "4" and int(row[3], 16) != 0]

    from host import wait_until
    assert subscribers() == []
    sock, address = host.socket_with_address()
    assert len(subscribers()) == 1
    sock.close()
    host.wait_until_gone(address)
    wait_until(lambda: subscribers() == [], "deaths are not followed any more")


def test_it_works_without_a_daemon(stopped_host, server):
    assert stopped_host.peer_seen_by_server(stopped_host.socket(), server) == LEGACY_ADDRESS
