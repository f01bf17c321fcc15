"""Packets from our addresses leave by their own uplink, whatever the main table says."""

from host import configuration, wait_until
from network import PREFIX, ROUTER

RULE_PRIORITY = 27904


def test_one_rule_for_the_prefix_not_for_each_address(host):
    socks = [host.socket_with_address(on_net=True) for _ in range(5)]
    (rule,) = host.rules
    assert (rule["src"], rule["srclen"]) == (str(PREFIX.network_address), PREFIX.prefixlen)
    assert rule["priority"] == RULE_PRIORITY
    assert int(rule["table"]) == host.uplink_table
    del socks


def test_the_table_has_the_router_and_says_unreachable_else(host):
    sock, _ = host.socket_with_address()
    routes = host.routes(host.uplink_table)
    assert len(routes) == 2
    assert any(route.startswith(f"default via {ROUTER} dev up0") for route in routes)
    assert any(route.startswith("unreachable default") and "metric 4096" in route for route in routes)
    sock.close()
    host.assert_nothing_left()


def test_a_better_route_of_another_interface_takes_nothing_away(host, server):
    host.namespace.ip("""
        link add other0 type veth peer name other1
        link set other0 up
        route add default via fe80::bad dev other0 metric 1
        """)
    sock, address = host.socket_with_address()
    assert host.peer_seen_by_server(sock, server) == address


def test_a_change_of_router_is_followed(host, server):
    keeper, address = host.socket_with_address()
    assert host.peer_seen_by_server(keeper, server) == address
    host.network.r.ip(f"addr add fe80::11/64 dev mn0 nodad\naddr del {ROUTER}/64 dev mn0")
    host.namespace.ip(f"route add default via fe80::11 dev up0 metric 2048\n"
                      f"route del default via {ROUTER} dev up0")
    wait_until(lambda: any("via fe80::11 " in route for route in host.routes(host.uplink_table)),
               "the new router is in the table")
    assert not any(f"via {ROUTER} " in route for route in host.routes(host.uplink_table))
    sock, _ = host.socket_with_address()
    assert host.peer_seen_by_server(sock, server) == address


def test_a_default_route_without_a_gateway(host):
    """A tunnel has none: whoever is at its other end takes all packets."""
    keeper, address = host.socket_with_address()
    host.namespace.ip(f"route add default dev up0 metric 512\nroute del default via {ROUTER} dev up0")
    wait_until(lambda: any(route.startswith("default dev up0") for route in host.routes(host.uplink_table)),
               "the table has it")
    assert len(host.routes(host.uplink_table)) == 2
    way = host.namespace.run("ip", "-6", "route", "get", "2001:db8:ffff::1", "from", address)
    assert "dev up0" in way and "unreachable" not in way
    assert host.daemon.administer("status")["networks"][0].get("router") is None
    host.namespace.ip("route del default dev up0 metric 512")
    wait_until(lambda: len(host.routes(host.uplink_table)) == 1, "it goes with its like in the main table")
    host.namespace.ip(f"route add default via {ROUTER} dev up0")
    wait_until(lambda: any(f"via {ROUTER} " in route for route in host.routes(host.uplink_table)), "a router again")
    keeper.close()
    host.assert_nothing_left()


def test_without_a_router_it_is_unreachable_not_someone_elses(host, server):
    """A program hears EHOSTUNREACH or ENETUNREACH at once instead of waiting for answers that cannot come."""
    sock, _ = host.socket_with_address()
    host.namespace.ip(f"""
        link add other0 type veth peer name other1
        link set other0 up
        route add default via fe80::bad dev other0 metric 2048
        route del default via {ROUTER} dev up0
        """)
    wait_until(lambda: not any("via" in route for route in host.routes(host.uplink_table)), "no router left")
    try:
        host.peer_seen_by_server(sock, server)
    except OSError as error:
        assert error.errno in (113, 101), error
    else:
        raise AssertionError("connected without a router")
    host.namespace.ip(f"route add default via {ROUTER} dev up0")
    wait_until(lambda: any(f"via {ROUTER} " in route for route in host.routes(host.uplink_table)), "router")
    again, address = host.socket_with_address()
    assert host.peer_seen_by_server(again, server) == address


def test_the_link_goes_down_and_up(host, server):
    """Admin-down flushes routes in every table; the address on lo and its rule stay."""
    sock, address = host.socket_with_address()
    host.namespace.ip("link set up0 down")
    assert address in host.addresses
    host.namespace.ip(f"""
        link set up0 up
        addr replace fe80::2/64 dev up0 nodad
        route replace default via {ROUTER} dev up0
        """)
    wait_until(lambda: any(f"via {ROUTER} " in route for route in host.routes(host.uplink_table)), "router")
    assert any(route.startswith("unreachable default") for route in host.routes(host.uplink_table))
    assert host.peer_seen_by_server(sock, server) == address


def test_the_interface_is_replaced(host):
    """A modem that re-enumerates comes back with another index."""
    sock, address = host.socket_with_address()
    host.namespace.ip("link set up0 name old0\nlink add up0 type veth peer name up1\nlink set up0 up")
    wait_until(lambda: [int(rule["table"]) for rule in host.rules] == [host.uplink_table], "the rule follows")
    assert address in host.addresses
    sock.close()
    host.assert_nothing_left()


def test_the_interface_vanishes(host):
    sock, address = host.socket_with_address()
    host.network.r.ip("link del mn0")
    wait_until(lambda: not host.rules, "the rule goes with the interface")
    assert address in host.addresses
    sock.close()
    host.assert_nothing_left()


def test_a_source_without_interface_leaves_routing_alone(configured_host, server):
    host = configured_host(configuration().replace("Interface=up0\n", ""))
    sock, address = host.socket_with_address()
    assert not host.rules
    assert all(route.startswith("local ") for route in host.routes())
    assert host.peer_seen_by_server(sock, server) == address


def test_a_restart_keeps_the_routing(host, server):
    sock, address = host.socket_with_address()
    before = host.rules, host.routes()
    host.daemon.kill()
    assert (host.rules, host.routes()) == before
    host.daemon.start()
    assert (host.rules, host.routes()) == before
    assert host.peer_seen_by_server(sock, server) == address


def test_place_route_needs_no_address(configured_host, server):
    host = configured_host(configuration(source="Place=route"))
    sock, address = host.socket_with_address()
    assert not host.addresses, "one route makes the prefix local"
    assert any(route.startswith(f"local {PREFIX} dev lo") for route in host.routes())
    assert host.peer_seen_by_server(sock, server) == address
    sock.close()
    host.assert_nothing_left()


def test_place_interface_on_a_shared_link(configured_host, network):
    """The prefix is on-link: the address stands on the uplink and neighbours resolve it."""
    text = configuration(source="Place=interface").replace("Prefix=2001:db8:a::/56", "Prefix=2001:db8:1::/64")
    host = configured_host(text)
    sock, address = host.socket_with_address()
    (info,) = [info for link in host.namespace.ip_json("addr", "show", "dev", "up0")
               for info in link["addr_info"] if info["local"] == address]
    assert info["prefixlen"] == 128
    sock.listen()
    with network.r:
        import socket
        with socket.create_connection((address, sock.getsockname()[1]), 5) as neighbour:
            assert neighbour.getpeername()[0] == address
    sock.close()
    wait_until(lambda: not host.rules and not host.routes(), "nothing is left")
