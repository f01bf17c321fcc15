"""Promise 3: what odmd did not create it does not change."""

import socket
import time

import pytest
from host import configuration, wait_until

FOREIGN = """
    addr add 2001:db8:ffff::1/128 dev lo
    addr add 2001:db8:a:77::1/128 dev lo
    addr add 2001:db8:1::77/64 dev up0 preferred_lft 0
    route add 2001:db8:77::/48 via fe80::1 dev up0
    route add unreachable 2001:db8:78::/48
    route add default via fe80::1 dev up0 table 77
    rule add from 2001:db8:1::77 lookup 77 priority 1000
    rule add from 2001:db8:a:77::1 lookup 77 priority 27904
    """


def snapshot(host):
    """Everything that could be changed, without the lifetimes and counters that change by themselves."""
    addresses = sorted((link["ifname"], info["local"], info["prefixlen"], info["preferred_life_time"])
                       for link in host.namespace.ip_json("addr") for info in link["addr_info"])
    routes = sorted(host.namespace.run("ip", "-6", "route", "show", "table", "all").splitlines())
    return {"addresses": addresses, "routes": routes, "rules": host.namespace.ip_json("rule"),
            "links": host.namespace.ip_json("link"), "sysctls": host.namespace.sysctls()}


def use_everything(host):
    """A life of the daemon's with all that it does."""
    socks = [host.socket_with_address(type, kind, on_net=on_net)[0]
             for type in (2, 3) for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM)
             for on_net in (False, True)]
    host.daemon.kill()
    host.daemon.start()
    held = host.daemon.administer("acquire", "session-lasting", "--on-net")["address"]
    host.daemon.reload()
    host.daemon.administer("release", held)
    for sock in socks:
        sock.close()


@pytest.mark.parametrize("end", ["stop", "kill"])
def test_a_whole_life_leaves_the_system_as_it_was(stopped_host, end):
    host = stopped_host
    host.daemon.configure(configuration())
    host.namespace.ip(FOREIGN)
    before = snapshot(host)
    host.daemon.start()
    use_everything(host)
    host.assert_nothing_left(but={"2001:db8:a:77::1"})
    getattr(host.daemon, end)()
    assert snapshot(host) == before


def test_an_address_of_somebody_else_in_our_prefix_is_not_ours(stopped_host):
    host = stopped_host
    host.namespace.ip("addr add 2001:db8:a:1::5/128 dev lo")
    host.daemon.start()
    assert host.daemon.administer("addresses")["addresses"] == []
    assert host.daemon.odmctl("release", "2001:db8:a:1::5").returncode != 0
    host.daemon.administer("release", "--all")
    time.sleep(0.1)
    assert "2001:db8:a:1::5" in host.addresses


def test_an_address_that_the_administrator_removes_is_given_to_nobody(host):
    """odmd does not fight: whoever had it has lost it, and the next socket gets one that is there."""
    sock, address = host.socket_with_address()
    host.namespace.ip(f"addr del {address}/128 dev lo")
    wait_until(lambda: host.setsc(host.socket()) != address, "another is given")
    _, another = host.socket_with_address()
    assert another in host.addresses and address not in host.addresses
    sock.close()
