"""When the kernel has more to tell than there is room for, the daemon looks for itself: nothing is lost for ever,
and nothing that is in use goes."""

import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from host import A_WHILE, configuration, finish, wait_until

NETLINK_ROUTE, NETLINK_SOCK_DIAG = 0, 4
AT_A_TIME = 10_000
MOST_ROUNDS = 100


@pytest.fixture
def asleep(stopped_host):
    """Call it to stop the daemon's process in its tracks; wake() has it go on."""
    yield lambda: stopped_host.daemon.process.send_signal(signal.SIGSTOP)
    stopped_host.daemon.process.send_signal(signal.SIGCONT)


def wake(host):
    host.daemon.process.send_signal(signal.SIGCONT)
    wait_until(lambda: host.daemon.administer("status")["lost_event_overruns"] > 0, "it notices")


def messages_were_lost(host, protocol):
    """True once the kernel had to drop something that it wanted to tell the daemon."""
    with host.namespace:
        rows = [line.split() for line in open("/proc/net/netlink").read().splitlines()[1:]]
    # Column 2 is the protocol, 4 the groups as a bit mask, 9 counts the drops.
    return any(row[1] == str(protocol) and int(row[3], 16) != 0 and int(row[8]) > 0 for row in rows)


def overwhelm(host, protocol, happen):
    for _ in range(MOST_ROUNDS):
        if messages_were_lost(host, protocol):
            return
        happen(host, AT_A_TIME)
        time.sleep(0.03)  # the kernel destroys and tells in the background
    raise AssertionError("the kernel has room for everything")


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
    overwhelm(host, NETLINK_SOCK_DIAG, strangers_die)
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
        f"addr del 2001:db8:cafe::{number:x}/128 dev lo" for number in range(1, count // 2)))


def test_a_new_router(host, asleep):
    keeper, _ = host.socket_with_address()
    asleep()
    overwhelm(host, NETLINK_ROUTE, strangers_come_and_go)
    host.namespace.ip("route add default via fe80::11 dev up0 metric 2048\n"
                      "route del default via fe80::1 dev up0")
    wake(host)
    wait_until(lambda: any("via fe80::11 " in route for route in host.routes(host.uplink_table)), "new router")
    assert len(host.routes(host.uplink_table)) == 2


def test_an_interface_that_vanishes(host, asleep):
    keeper, address = host.socket_with_address()
    asleep()
    overwhelm(host, NETLINK_ROUTE, strangers_come_and_go)
    host.network.r.ip("link del mn0")
    wake(host)
    wait_until(lambda: not host.rules, "the rule goes with the interface")
    assert address in host.addresses
    keeper.close()
    host.assert_nothing_left()


def test_addresses_that_others_delete(configured_host, asleep):
    """In use: put back. Not in use: let go."""
    host = configured_host(configuration(session_lasting="LingerSec=1h"))
    keeper, used = host.socket_with_address()
    sock, unused = host.socket_with_address(on_net=True)
    sock.close()
    wait_until(lambda: len(host.daemon.administer("sockets")["sockets"]) == 1, "one socket is left")
    asleep()
    overwhelm(host, NETLINK_ROUTE, strangers_come_and_go)
    host.namespace.ip(f"addr del {used}/128 dev lo\naddr del {unused}/128 dev lo")
    wake(host)
    wait_until(lambda: host.marked(used), "it is put back")
    wait_until(lambda: [row["address"] for row in host.daemon.administer("addresses")["addresses"]] == [used],
               "the other is let go")
    assert host.addresses == {used}
    keeper.close()


def test_routing_that_others_delete(host, asleep):
    keeper, _ = host.socket_with_address()
    before = host.routes(), host.rules
    asleep()
    overwhelm(host, NETLINK_ROUTE, strangers_come_and_go)
    host.namespace.ip(f"route flush table {host.uplink_table}\nrule del priority 27904")
    wake(host)
    wait_until(lambda: (host.routes(), host.rules) == before, "it is put back")
    keeper.close()
    host.assert_nothing_left()


def test_more_is_lost_while_it_looks_for_itself(configured_host, asleep):
    """Strangers die and addresses change all the time, and the daemon gets only moments to read."""
    host = configured_host(configuration(session_lasting="Share=socket\nLingerSec=0",
                                         daemon="SocketEventBufferBytes=200K"))
    keeper, kept = host.socket_with_address()
    unbound, promised = host.socket_with_address(bind=False)
    lost = []
    for _ in range(10):
        killed, address = host.application("unbound")
        lost.append(address)
        asleep()
        strangers_die(host, 2000)
        finish(killed)
        strangers_come_and_go(host, 1000)
        host.daemon.process.send_signal(signal.SIGCONT)
        time.sleep(0.002)
    wait_until(lambda: host.daemon.administer("status")["lost_event_overruns"] > 0, "it notices")
    wait_until(lambda: host.addresses == {kept, promised}, "what is open stays, the rest goes")
    keeper.close(), unbound.close()
    host.assert_nothing_left()


def test_one_line_in_the_log_for_each_time(host, asleep):
    host.socket_with_address()
    log = len(host.daemon.log)
    asleep()
    overwhelm(host, NETLINK_ROUTE, strangers_come_and_go)
    wake(host)
    time.sleep(A_WHILE)
    assert len(host.daemon.log[log:].splitlines()) == 1, host.daemon.log[log:]


MANY = """
import resource, socket, sys
sys.path.insert(0, sys.argv[1])
from setsc_client import SESSION_LASTING, setsc
resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
socks = [socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) for _ in range(int(sys.argv[3]))]
for sock in socks:
    address = setsc(sys.argv[2], sock, SESSION_LASTING)
print(address, flush=True)
sys.stdin.read()
"""


@pytest.mark.parametrize("after_a_kill", [False, True], ids=["", "of records of an earlier daemon"])
def test_thousands_of_sockets_die_at_once(configured_host, asleep, after_a_kill):
    """With room for a few hundred notices: within two seconds the daemon knows exactly who is left."""
    host = configured_host(configuration(daemon="SocketEventBufferBytes=200K"))
    keeper, address = host.socket_with_address(bind=False)
    process = host.namespace.start(sys.executable, "-c", MANY, str(Path(__file__).parent),
                                   str(host.daemon.setsc_socket), "5000", stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline().strip() == address
    if after_a_kill:
        with host.daemon_away():
            pass
    assert host.daemon.administer("status")["sockets"] == 5001
    asleep()
    finish(process)
    wait_until(lambda: messages_were_lost(host, NETLINK_SOCK_DIAG), "the kernel has no room for more")
    host.daemon.process.send_signal(signal.SIGCONT)
    wait_until(lambda: host.daemon.administer("status")["sockets"] == 1, "one is left", 2)
    assert host.daemon.administer("status")["lost_event_overruns"] > 0
    assert address in host.addresses
    keeper.close()
    host.assert_nothing_left()
