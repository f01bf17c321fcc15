"""When the kernel has more to tell than there is room for, the daemon looks for itself: nothing is lost for ever,
and nothing that is in use goes."""

import signal
import socket

import pytest
from host import configuration, finish, wait_until

# The kernel doubles the 64 MiB, which then hold 170,000 deaths and more. The room for other notices is smaller.
DEATHS = 400_000
NOTICES = 5_000


@pytest.fixture
def asleep(stopped_host):
    """Call it to stop the daemon's process in its tracks; wake() has it go on."""
    yield lambda: stopped_host.daemon.process.send_signal(signal.SIGSTOP)
    stopped_host.daemon.process.send_signal(signal.SIGCONT)


def wake(host):
    host.daemon.process.send_signal(signal.SIGCONT)
    wait_until(lambda: host.daemon.administer("status")["lost_event_overruns"] > 0, "it notices")


def strangers_die(host, count):
    with host.namespace:
        for _ in range(count):
            socket.socket(socket.AF_INET6, socket.SOCK_DGRAM).close()


def test_socket_deaths(configured_host, asleep):
    host = configured_host(configuration(session_lasting="Share=socket\nLingerSec=0"))
    keeper, kept = host.socket_with_address()
    unbound, promised = host.socket_with_address(bind=False)
    killed, lost = host.application("bound")
    asleep()
    strangers_die(host, DEATHS)
    finish(killed)
    wake(host)
    host.wait_until_gone(lost)
    assert {kept, promised} <= host.addresses, "what is open stays, bound or not"
    keeper.close()
    host.wait_until_gone(kept)
    unbound.close()
    host.wait_until_gone(promised)
    host.assert_nothing_left()


def strangers_come_and_go(host, count):
    host.namespace.ip("\n".join(
        f"addr add 2001:db8:cafe::{number:x}/128 dev lo nodad noprefixroute\n"
        f"addr del 2001:db8:cafe::{number:x}/128 dev lo" for number in range(1, count)))


def test_a_new_router(host, asleep):
    keeper, _ = host.socket_with_address()
    asleep()
    strangers_come_and_go(host, NOTICES)
    host.namespace.ip("route add default via fe80::11 dev up0 metric 2048\n"
                      "route del default via fe80::1 dev up0")
    wake(host)
    wait_until(lambda: any("via fe80::11 " in route for route in host.routes(host.uplink_table)), "new router")
    assert len(host.routes(host.uplink_table)) == 2


def test_an_interface_that_vanishes(host, asleep):
    keeper, address = host.socket_with_address()
    asleep()
    strangers_come_and_go(host, NOTICES)
    host.network.r.ip("link del mn0")
    wake(host)
    wait_until(lambda: not host.rules, "the rule goes with the interface")
    assert address in host.addresses
    keeper.close()
    host.assert_nothing_left()
