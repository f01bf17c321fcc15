"""Promise 3: what odmd did not create it does not change."""

import contextlib
import socket
import time

import pytest
from host import configuration, wait_until
from netlink import RouteSocket

FOREIGN = """
    addr add 2001:db8:ffff::1/128 dev lo
    addr add 2001:db8:a:77::1/128 dev lo
    addr add 2001:db8:1::77/64 dev up0 preferred_lft 0
    addr add 2001:db8:1::78/64 dev up0 home nodad mngtmpaddr
    neigh add 2001:db8:1::98 lladdr 02:00:00:00:00:98 dev up0 nud permanent
    neigh add proxy 2001:db8:1::99 dev up0
    route add 2001:db8:77::/48 via fe80::1 dev up0
    route add unreachable 2001:db8:78::/48
    route add default via fe80::1 dev up0 table 77
    route add blackhole 2001:db8:a::/48 metric 9999
    route add local 2001:db8:79::/64 dev lo table local
    rule add from 2001:db8:1::77 lookup 77 priority 1000
    rule add from 2001:db8:a:77::1 lookup 77 priority 27904
    """


def snapshot(host):
    """The kernel's whole state, without the counters and the neighbours that come and go by themselves."""
    with host.namespace, contextlib.closing(RouteSocket()) as kernel:
        addresses = sorted(kernel.addresses())
    shown = {name: sorted(host.namespace.run("ip", "-6", *words).splitlines()) for name, words in {
        "routes": ["-details", "route", "show", "table", "all"], "rules": ["-details", "rule"],
        "permanent neighbours": ["neigh", "show", "nud", "permanent"], "proxies": ["neigh", "show", "proxy"],
        "links": ["-details", "link"], "tokens": ["token"], "labels": ["addrlabel"]}.items()}
    return shown | {"addresses": addresses, "sysctls": host.namespace.sysctls()}


def use_everything(host):
    """A life of the daemon's with all that it does."""
    socks = [host.socket_with_address(type, kind, on_net=on_net)[0]
             for type in (2, 3) for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM)
             for on_net in (False, True)]
    host.daemon.kill()
    host.daemon.start()
    fight(host)
    held = host.daemon.administer("acquire", "session-lasting", "--on-net")["address"]
    host.daemon.reload()
    host.daemon.administer("release", held)
    for sock in socks:
        sock.close()


def fight(host):
    """Others delete and replace what is ours."""
    sock, address = host.socket_with_address()
    for change in ("addr del {}/128 dev lo", "addr replace {}/128 dev lo"):
        host.namespace.ip(change.format(address))
        wait_until(lambda: host.marked(address), "it is put back")
    host.namespace.ip("rule del from 2001:db8:a::/56 priority 27904")
    wait_until(lambda: host.rules, "it is put back")
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
