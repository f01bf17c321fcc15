"""Promise 1, when others delete, flush, replace and rename what is ours: what is in use is put back, what is not is let
go, and nobody is fought with for ever."""

import contextlib
import socket
import threading
import time

import pytest
from host import A_WHILE, configuration, wait_until
from network import LEGACY_ADDRESS, PREFIX, ROUTER
from setsc_client import SESSION_LASTING

ON_LINK = "2001:db8:1::/64"
TIMES_PUT_BACK = 3  # in a minute, then we stop


def lines_about(host, words):
    return [line for line in host.daemon.log.splitlines() if words in line]


def delete(host, address, interface="lo"):
    host.namespace.ip(f"addr del {address}/128 dev {interface}")


@pytest.fixture
def host_on_link(configured_host):
    """Its addresses stand on the uplink."""
    return configured_host(configuration(source="Place=interface").replace(str(PREFIX), ON_LINK))


def on_uplink(host, address):
    return any(info["local"] == address for link in host.namespace.ip_json("addr", "show", "dev", "up0")
               for info in link["addr_info"])


# Addresses that are in use

@pytest.mark.parametrize("bind", [True, False], ids=["bound", "unbound"])
def test_a_deleted_address_is_put_back_as_it_was(host, bind):
    sock, address = host.socket_with_address(bind=bind)
    before = host.marked(address)
    delete(host, address)
    wait_until(lambda: host.marked(address) == before, "it is put back")
    assert len(lines_about(host, address)) == 1, host.daemon.log
    another = host.socket()
    assert host.setsc(another) == address
    sock.close(), another.close()
    host.assert_nothing_left()


def test_a_deleted_address_of_a_stranger_that_is_bound_to_it(host):
    giver, address = host.socket_with_address()
    stranger = host.socket(socket.SOCK_DGRAM)
    stranger.bind((address, 0))
    giver.close()
    time.sleep(A_WHILE)
    delete(host, address)
    wait_until(lambda: host.marked(address), "it is put back")
    stranger.close()
    host.assert_nothing_left()


def test_a_deleted_address_that_the_administrator_holds(host):
    held = host.daemon.administer("acquire", "session-lasting")["address"]
    delete(host, held)
    wait_until(lambda: host.marked(held), "it is put back")
    host.daemon.administer("release", held)
    host.assert_nothing_left()


def test_nobody_is_fought_with_for_ever(host):
    sock, address = host.socket_with_address()
    for _ in range(TIMES_PUT_BACK):
        delete(host, address)
        wait_until(lambda: host.marked(address), "it is put back")
    delete(host, address)
    time.sleep(A_WHILE)
    assert not host.addresses
    assert len(lines_about(host, address)) == TIMES_PUT_BACK + 1, "each time a line, and one that it stops"
    another, other_address = host.socket_with_address()
    assert other_address in host.addresses, "new sockets get one that is there"
    sock.close(), another.close()
    host.assert_nothing_left()


def test_a_manager_that_removes_what_it_does_not_know(host):
    """It acts at once whenever an address appears, for as long as it runs."""
    is_over = threading.Event()

    def manage():
        while not is_over.is_set():
            for address in host.addresses:
                with contextlib.suppress(AssertionError):
                    delete(host, address)

    sock, address = host.socket_with_address()
    manager = threading.Thread(target=manage)
    manager.start()
    time.sleep(1)
    host.daemon.administer("status")
    is_over.set()
    manager.join()
    assert len(lines_about(host, address)) <= TIMES_PUT_BACK + 1
    again, present = host.socket_with_address(on_net=True)
    assert present in host.addresses
    sock.close(), again.close()
    host.assert_nothing_left()


def test_a_manager_that_puts_the_address_back_itself(host):
    """Delete and add again, without our mark, and whether or not it is back already."""
    sock, address = host.socket_with_address()
    before = host.marked(address)
    host.namespace.ip(f"addr del {address}/128 dev lo\naddr replace {address}/128 dev lo")
    wait_until(lambda: host.marked(address) == before, "it has the mark again")
    sock.close()
    host.assert_nothing_left()


@pytest.mark.parametrize("change", ["", "preferred_lft forever valid_lft forever", "noprefixroute",
                                    "preferred_lft 100 valid_lft 1000"])
def test_a_replaced_address_gets_its_mark_and_attributes_back(host, change):
    sock, address = host.socket_with_address()
    before = host.marked(address)
    host.namespace.ip(f"addr replace {address}/128 dev lo {change}")
    wait_until(lambda: host.marked(address) == before, "it has the mark again")
    sock.close()
    host.assert_nothing_left()


def test_a_flushed_loopback(host):
    pairs = [host.socket_with_address(on_net=True) for _ in range(5)]
    given = {address for _, address in pairs}
    host.namespace.ip("addr flush dev lo scope global")
    wait_until(lambda: host.addresses == given, "all are put back")
    for sock, _ in pairs:
        sock.close()
    host.assert_nothing_left()


def test_the_loopback_down_and_up(host, server):
    sock, address = host.socket_with_address()
    host.namespace.ip("link set lo down\nlink set lo up")
    wait_until(lambda: address in host.addresses, "it is put back or has stayed")
    assert host.peer_seen_by_server(sock, server) == address


# Addresses that nobody uses

def test_a_deleted_address_without_a_user_is_let_go(configured_host):
    host = configured_host(configuration(session_lasting="LingerSec=1h"))
    sock, address = host.socket_with_address()
    sock.close()
    wait_until(lambda: host.daemon.administer("sockets")["sockets"] == [], "the socket is gone")
    delete(host, address)
    wait_until(lambda: host.daemon.administer("addresses")["addresses"] == [], "it is let go")
    time.sleep(A_WHILE)
    assert not host.addresses and not host.rules and not host.routes()
    assert host.socket_with_address()[1] in host.addresses


def test_a_replaced_address_without_a_user_is_theirs(configured_host):
    host = configured_host(configuration(session_lasting="LingerSec=1"))
    sock, address = host.socket_with_address()
    sock.close()
    wait_until(lambda: host.daemon.administer("sockets")["sockets"] == [], "the socket is gone")
    host.namespace.ip(f"addr replace {address}/128 dev lo")
    wait_until(lambda: host.daemon.administer("addresses")["addresses"] == [], "it is let go")
    time.sleep(1.2)
    assert address in host.addresses, "what they have made stays"


# The same address elsewhere

def test_the_same_address_elsewhere(host):
    """Somebody adds it to another interface, and removes it there: ours is not meant."""
    sock, address = host.socket_with_address()
    before = host.marked(address)
    host.namespace.ip(f"addr add {address}/128 dev up0\naddr del {address}/128 dev up0")
    time.sleep(A_WHILE)
    assert host.marked(address) == before
    assert not lines_about(host, "back")
    host.namespace.ip(f"addr add {address}/128 dev up0")
    sock.close()
    wait_until(lambda: not host.marked(address), "ours goes")
    time.sleep(A_WHILE)
    assert on_uplink(host, address), "theirs stays"


# Routing

ROUTING = {
    "rule": lambda host: f"rule del from {PREFIX} priority 27904",
    "default route": lambda host: f"route del default via {ROUTER} dev up0 table {host.uplink_table}",
    "unreachable route": lambda host: f"route del unreachable default metric 4096 table {host.uplink_table}",
    "local route": lambda host: f"route del local {PREFIX} dev lo table local",
    "whole table": lambda host: f"route flush table {host.uplink_table}",
}


def routing(host):
    return sorted(host.routes()), [(rule["src"], rule["table"], rule["priority"]) for rule in host.rules]


@pytest.mark.parametrize("part", ROUTING)
def test_deleted_routing_is_put_back(host, server, part):
    sock, address = host.socket_with_address()
    before = routing(host)
    host.namespace.ip(ROUTING[part](host))
    wait_until(lambda: routing(host) == before, f"the {part} is put back")
    assert host.peer_seen_by_server(sock, server) == address
    sock.close()
    host.assert_nothing_left()


@pytest.mark.parametrize("part", ["rule", "default route", "local route"])
def test_nobody_is_fought_with_for_ever_about_routing(host, part):
    sock, address = host.socket_with_address()
    before = routing(host)
    for _ in range(TIMES_PUT_BACK):
        host.namespace.ip(ROUTING[part](host))
        wait_until(lambda: routing(host) == before, f"the {part} is put back")
    host.namespace.ip(ROUTING[part](host))
    time.sleep(A_WHILE)
    assert routing(host) != before
    assert address in host.addresses
    sock.close()
    host.assert_nothing_left()


@pytest.mark.parametrize("place", ["loopback", "route"])
def test_the_route_of_an_address_that_is_only_routed(configured_host, server, place):
    host = configured_host(configuration(source=f"Place={place}"))
    sock, address = host.socket_with_address()
    host.namespace.ip(f"route del local {PREFIX} dev lo table local")
    wait_until(lambda: any(route.startswith(f"local {PREFIX} dev lo") for route in host.routes()), "put back")
    assert host.peer_seen_by_server(sock, server) == address


# Interfaces

def restore_uplink(host):
    host.namespace.ip(f"""
        link set up0 up
        addr replace fe80::2/64 dev up0 nodad
        addr replace {LEGACY_ADDRESS}/64 dev up0 nodad
        route replace default via {ROUTER} dev up0
        """)


def test_an_interface_down_and_up(host_on_link, server):
    """Going down takes its addresses away."""
    host = host_on_link
    sock, address = host.socket_with_address()
    host.namespace.ip("link set up0 down")
    time.sleep(A_WHILE)
    restore_uplink(host)
    wait_until(lambda: on_uplink(host, address) and host.marked(address), "it is put back")
    wait_until(lambda: any(f"via {ROUTER} " in route for route in host.routes(host.uplink_table)), "router")
    assert host.peer_seen_by_server(sock, server) == address
    sock.close()
    wait_until(lambda: not host.marked(address), "it goes with its socket")


def test_an_interface_down_and_up_ten_times(host_on_link):
    """A link that flaps is nobody who fights."""
    host = host_on_link
    sock, address = host.socket_with_address()
    for _ in range(10):
        host.namespace.ip("link set up0 down\nlink set up0 up")
        time.sleep(0.05)
    restore_uplink(host)
    wait_until(lambda: on_uplink(host, address) and host.marked(address), "it is put back")
    assert host.setsc(host.socket()) == address
    assert sock.fileno() >= 0


def test_a_request_while_the_interface_is_down(host_on_link):
    """It is answered, and when the interface is up there is full service."""
    host = host_on_link
    host.namespace.ip("link set up0 down")
    from setsc_client import request
    host.ask(request(SESSION_LASTING), host.socket())
    restore_uplink(host)
    wait_until(lambda: host.ask(request(SESSION_LASTING), host.socket()).address is not None, "service")


def test_a_flushed_interface(host_on_link):
    host = host_on_link
    sock, address = host.socket_with_address()
    host.namespace.ip("addr flush dev up0 scope global")
    wait_until(lambda: on_uplink(host, address) and host.marked(address), "it is put back")
    sock.close()
    wait_until(lambda: not on_uplink(host, address), "it goes with its socket")


def test_a_renamed_interface_keeps_its_addresses(host_on_link):
    host = host_on_link
    sock, address = host.socket_with_address()
    host.namespace.ip("link set up0 down\nlink set up0 name wan0\nlink set wan0 up")
    host.namespace.ip("link set wan0 down\nlink set wan0 name up0")
    restore_uplink(host)
    wait_until(lambda: on_uplink(host, address) and host.marked(address), "it is put back")
    assert host.setsc(host.socket()) == address
    assert sock.fileno() >= 0


def test_an_interface_that_goes_and_comes_back(host_on_link):
    """Its addresses went with it, and new ones get what the new one can give."""
    host = host_on_link
    sock, address = host.socket_with_address()
    host.network.r.ip("link del mn0")
    wait_until(lambda: not host.rules, "its routing goes")
    host.daemon.administer("status")
    host.namespace.ip("link add up0 type veth peer name up1\nlink set up1 up\nlink set up0 up")
    wait_until(lambda: on_uplink(host, address) and host.marked(address), "what is in use is put back")
    again = host.socket()
    assert on_uplink(host, host.setsc(again))
    sock.close(), again.close()
    wait_until(lambda: not host.marked(address), "it goes with its socket")


# A daemon that is away meanwhile

def test_what_was_deleted_while_the_daemon_was_away(host):
    """A record, or a socket that is bound to it, says that it is in use."""
    bound, first = host.socket_with_address()
    unbound, second = host.socket_with_address(on_net=True, bind=False)
    with host.daemon_away():
        delete(host, first), delete(host, second)
    wait_until(lambda: host.marked(first) and host.marked(second), "both are put back")
    bound.close(), unbound.close()
    host.assert_nothing_left()


def test_routing_that_was_deleted_while_the_daemon_was_away(host, server):
    sock, address = host.socket_with_address()
    before = routing(host)
    with host.daemon_away():
        for part in ("rule", "local route", "whole table"):
            host.namespace.ip(ROUTING[part](host))
    wait_until(lambda: routing(host) == before, "it is put back")
    assert host.peer_seen_by_server(sock, server) == address
