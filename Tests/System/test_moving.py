"""A host moves between access networks: what survives, what is replaced, and what the kernel is left with."""

import errno
import ipaddress
import json
import subprocess
import time

import pytest
from daemon import RELEASE
from flow import Flow
from host import configuration_with, finish, network_source, wait_until
from network import PREFIX
from openmetrics import Numbers
from roaming import SERVER, RoamingNetwork
from serving import serving
from setsc_client import (DEPRECATED, FIXED, GRACEFUL_REPLACEMENT, NON_PERSISTENT, REMOVED, REPLACED,
                          SESSION_LASTING, Event, Watch)

#: The kernel alone is silent for three seconds and more; how little it is with odmd is for the benchmark to say.
NOTICEABLE_SECONDS = 1
GRACE_SECONDS = 2
ROUTERS = "\n".join(["[Source routers]", "Kind=ra", "Interface=up0", ""])
WAYS = ("flap", "silent", "admin")


@pytest.fixture
def network():
    network = RoamingNetwork()
    yield network
    network.close()


@pytest.fixture
def echo(network):
    """Where what is said to the correspondent is said back."""
    with serving(network.cn, SERVER, "echo_server.py") as address:
        yield address


@pytest.fixture
def flow(echo):
    """Call it with a host and a type to have a connection going; it is closed when the test ends."""
    flows = []

    def start(host, type):
        sock, address = host.socket_with_address(type)
        sock.settimeout(5)
        sock.connect(echo)
        flows.append(Flow(sock))
        flows[-1].address = address
        return flows[-1]

    yield start
    for running in flows:
        running.close()


def arrive(network):
    """Has the router that the node is at say so, until the node knows: its link is not ready at once."""
    def is_known():
        network.router.radvd.reload()
        time.sleep(0.1)
        return network.router.link_local in default_routers(network)
    wait_until(is_known, "the node has heard its router")


def default_routers(network):
    """Those of the main table that advertise themselves."""
    routes = network.mn.ip_json("route", "show", "default", "proto", "ra")
    hops = [hop for route in routes for hop in [route, *route.get("nexthops", [])]]
    return {hop["gateway"] for hop in hops if "gateway" in hop}


def move(host, *arguments, **options):
    """Takes the host to another network, and waits until the daemon knows: a packet or two go there and back. What
    is advertised when the host has just arrived may be lost, and if nobody asks it is long until the next time."""
    host.network.move(*arguments, **options)
    asked = time.monotonic()

    def is_known():
        nonlocal asked
        if time.monotonic() > asked + 0.3:
            host.network.router.radvd.reload()
            asked = time.monotonic()
        return router_of(host) == host.network.router.link_local
    wait_until(is_known, "the daemon knows where it is")


def router_of(host):
    """Of the network that the daemon believes that up0 is on; None while that is in doubt."""
    (network,) = host.daemon.administer("status")["networks"]
    return network["router"] if "age_seconds" in network else None


@pytest.fixture
def roaming_host(configured_host, network):
    """Call it with a configuration to have a daemon at the first access router."""
    def start(text):
        arrive(network)
        return configured_host(text)
    return start


def all_types(daemon="", **sections):
    """Fixed and Session-lasting from a static prefix that is anchored, the others from routers."""
    home = f"[Source home]\nKind=static\nTypes=fixed session-lasting\nPrefix={PREFIX}\nInterface=up0\n"
    grace = {"graceful_replacement": f"LingerSec=0\nGraceSec={GRACE_SECONDS}"}
    return configuration_with(home, ROUTERS, daemon=daemon, **grace | sections)


def is_of(router, address):
    return ipaddress.IPv6Address(address) in router.prefix


def state_of(host, address):
    """An address as administration shows it."""
    (shown,) = [shown for shown in host.daemon.administer("addresses")["addresses"] if shown["address"] == address]
    return shown


# What survives

@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("type", [FIXED, SESSION_LASTING])
def test_promise_1_an_anchored_connection_survives_moves(network, roaming_host, flow, way, type):
    host = roaming_host(all_types())
    connection = flow(host, type)
    for _ in range(3):
        began = time.monotonic()
        move(host, way)
        time.sleep(0.3)
        assert connection.error is None
        assert connection.longest_silence(began) < NOTICEABLE_SECONDS
    assert connection.address in host.addresses


def test_promise_1_an_anchored_connection_goes_to_another_uplink_and_back(network, roaming_host, flow):
    network.add_uplink()
    anchor = f"[Source home]\nKind=static\nTypes=session-lasting\nPrefix={PREFIX}\nInterface=up0 up1\n"
    host = roaming_host(configuration_with(anchor))
    connection = flow(host, SESSION_LASTING)

    def leaves_by(uplink):
        if uplink == "up1":
            network.routers[2].radvd.reload()
        (route,) = network.mn.ip_json("route", "get", SERVER, "from", connection.address)
        return route.get("dev") == uplink

    def goes_on():
        heard = len(connection.heard)
        wait_until(lambda: len(connection.heard) > heard + 10, "the connection works")

    assert leaves_by("up0")
    network.sw.ip("link set port down")
    network.follow_to(2)
    wait_until(lambda: leaves_by("up1"), "packets leave by the other uplink")
    goes_on()
    network.sw.ip("link set port up")
    wait_until(lambda: leaves_by("up0"), "packets leave by the first again")
    network.follow_to(1)
    goes_on()
    assert connection.error is None
    assert connection.address in host.addresses


def test_a_leased_prefix_is_rebound_through_the_new_router(network, roaming_host, flow):
    kea = network.kea(types=("session-lasting",))
    host = roaming_host(configuration_with(network_source("dhcpv6", "session-lasting")))
    connection = flow(host, SESSION_LASTING)
    prefixes = kea.prefixes
    for _ in range(3):
        began, said = time.monotonic(), len(kea.log)
        move(host)
        kea.wait_for("DHCP6_PD_LEASE_RENEW", said)
        time.sleep(0.3)
        assert connection.error is None
        assert connection.longest_silence(began) < NOTICEABLE_SECONDS
    assert kea.prefixes == prefixes


def test_new_sockets_get_an_address_of_the_network_that_the_host_is_on(network, roaming_host, flow):
    network.kea(types=("session-lasting",))
    host = roaming_host(configuration_with(network_source("dhcpv6", "session-lasting")))
    old = flow(host, SESSION_LASTING)
    move(host)
    _, new = host.socket_with_address(SESSION_LASTING)
    assert new != old.address
    assert host.socket_with_address(SESSION_LASTING)[1] == new
    # Back home the old one is the shorter path again.
    move(host)
    assert host.socket_with_address(SESSION_LASTING)[1] == old.address
    assert old.error is None


def test_a_flap_that_ends_on_the_same_network_changes_nothing(network, roaming_host, flow):
    host = roaming_host(all_types())
    connections = [flow(host, type) for type in (FIXED, SESSION_LASTING, NON_PERSISTENT, GRACEFUL_REPLACEMENT)]
    before, said = host.addresses_on("up0"), len(host.daemon.log)
    for _ in range(3):
        move(host, to=network.place)
        time.sleep(0.3)
    assert [connection.error for connection in connections] == [None] * 4
    assert host.addresses_on("up0") == before
    assert host.daemon.log[said:] == ""


def test_a_second_router_on_the_link_is_no_move(network, roaming_host, flow):
    host = roaming_host(all_types())
    connection = flow(host, NON_PERSISTENT)
    # Both access networks become one link.
    network.sw.ip("""
        link add join1 type veth peer name join2
        link set join1 master br1 up
        link set join2 master br2 up
        """)
    def is_heard():
        network.routers[2].radvd.reload()
        time.sleep(0.1)
        return any(is_of(network.routers[2], address) for address, _ in host.addresses_on("up0"))
    wait_until(is_heard, "the second router was heard")
    time.sleep(0.3)
    assert connection.error is None
    # From its prefix addresses can be had as well, and nothing was taken from anybody.
    assert "has ended" not in host.daemon.log


# What is replaced

def test_sockets_on_a_non_persistent_address_are_ended_when_the_new_network_is_known(network, roaming_host, flow):
    host = roaming_host(all_types())
    connection = flow(host, NON_PERSISTENT)
    assert is_of(network.router, connection.address)
    move(host)
    wait_until(lambda: connection.ended, "the connection has ended")
    assert connection.error.errno == errno.ECONNABORTED
    replacement = flow(host, NON_PERSISTENT)
    assert is_of(network.router, replacement.address)
    wait_until(lambda: len(replacement.heard) > 10, "the new address works")


def test_promise_4_a_program_that_does_not_use_odmd_is_not_ended(network, roaming_host, flow, echo):
    """It has the same address, which the kernel has made."""
    host = roaming_host(all_types())
    used = flow(host, NON_PERSISTENT)
    legacy = host.socket()
    legacy.bind((used.address, 0))
    legacy.settimeout(5)
    legacy.connect(echo)
    move(host)
    wait_until(lambda: used.ended, "the connection has ended")
    time.sleep(0.3)
    # It would find out by itself, or be there when the host is back, as it is.
    move(host)
    legacy.send(b"still here")
    assert legacy.recv(100) == b"still here"


def test_a_socket_on_the_address_of_a_network_that_was_left_can_be_told_only(network, roaming_host, flow):
    host = roaming_host(all_types(non_persistent="OnLoss=tell\nLingerSec=0"))
    connection = flow(host, NON_PERSISTENT)
    move(host)
    wait_until(lambda: f"{connection.address} (non-persistent) is deprecated" in host.daemon.log, "it was told")
    time.sleep(1.5)
    assert connection.error is None
    # Back in time, it goes on.
    move(host)
    heard = len(connection.heard)
    wait_until(lambda: len(connection.heard) > heard + 10, "the connection works again")


def test_a_graceful_address_has_a_time_with_both(network, roaming_host, flow):
    """The network goes on delivering the old prefix for a while."""
    host = roaming_host(all_types())
    flow(host, NON_PERSISTENT)  # has the address that the kernel has made
    old = flow(host, GRACEFUL_REPLACEMENT)
    network.deliver_everywhere(old.address)
    moved = time.monotonic()
    move(host)
    new = flow(host, GRACEFUL_REPLACEMENT)
    assert is_of(network.router, new.address)
    time.sleep(GRACE_SECONDS / 2)
    assert old.error is None and old.longest_silence(moved) < NOTICEABLE_SECONDS
    assert len(new.heard) > 10
    told = state_of(host, old.address)
    assert told["state"] == "deprecated" and told["replacement"] == new.address
    assert 0 < told["ends_in_milliseconds"] <= GRACE_SECONDS * 1000
    # Also the kernel knows when it ends.
    (kept,) = host.marked(old.address)
    assert 0 < kept.valid_seconds <= GRACE_SECONDS + 10
    wait_until(lambda: old.ended, "its grace is over")
    assert old.error.errno == errno.ECONNABORTED
    assert time.monotonic() - moved >= GRACE_SECONDS
    assert new.error is None
    wait_until(lambda: not host.marked(old.address), "the old address is gone")
    assert state_of(host, old.address)["state"] == "ended"


def test_back_in_time_a_graceful_address_is_restored(network, roaming_host, flow):
    host = roaming_host(all_types(graceful_replacement="GraceSec=30"))
    flow(host, NON_PERSISTENT)  # has the address that the kernel has made
    old = flow(host, GRACEFUL_REPLACEMENT)
    move(host)
    wait_until(lambda: f"{old.address} (graceful-replacement) is deprecated" in host.daemon.log, "it is deprecated")
    move(host)
    wait_until(lambda: f"{old.address} (graceful-replacement) is restored" in host.daemon.log, "it is restored")
    heard = len(old.heard)
    wait_until(lambda: len(old.heard) > heard + 10, "the connection works again")
    assert flow(host, GRACEFUL_REPLACEMENT).address == old.address
    (kept,) = host.marked(old.address)
    assert kept.valid_seconds == 0xFFFFFFFF


# What is told

def events_until(watch, last):
    """Those that come up to one of this kind."""
    told = []
    while not told or told[-1].what != last:
        told.append(watch.next())
    return told


def test_whoever_watches_is_told_all_that_there_is_to_know(network, roaming_host):
    host = roaming_host(all_types())
    fixed, _ = host.socket_with_address(FIXED)
    replaced, old = host.socket_with_address(NON_PERSISTENT)
    graceful, older = host.socket_with_address(GRACEFUL_REPLACEMENT)
    paths = [host.daemon.setsc_socket] * 3
    with Watch(paths[0], fixed) as quiet, Watch(paths[1], replaced) as watch, Watch(paths[2], graceful) as slow:
        move(host)
        told = events_until(watch, REMOVED)
        new = host.setsc(host.socket(), NON_PERSISTENT)
        assert told == [Event(REPLACED, NON_PERSISTENT, 0, old, new), Event(REMOVED, NON_PERSISTENT, 0, old, new)]
        told = events_until(slow, REPLACED)
        assert [event.what for event in told] == [DEPRECATED, REPLACED]
        assert all(event.address == older and 0 < event.milliseconds <= GRACE_SECONDS * 1000 for event in told)
        assert told[0].replacement is None and is_of(network.router, told[1].replacement)
        assert told[1].replacement == host.setsc(host.socket(), GRACEFUL_REPLACEMENT)
        # Who begins to watch later is told as well.
        with Watch(host.daemon.setsc_socket, graceful) as late:
            assert late.next().what == REPLACED
        assert events_until(slow, REMOVED)[-1].milliseconds == 0
        assert quiet.is_quiet(0.1)


def test_administrators_are_told_too(network, roaming_host):
    host = roaming_host(all_types())
    _, old = host.socket_with_address(GRACEFUL_REPLACEMENT)
    monitor = host.namespace.start(str(RELEASE / "odmctl"), "--socket", str(host.daemon.admin_socket), "monitor",
                                   "--json", stdout=subprocess.PIPE, text=True)
    time.sleep(0.3)
    move(host)
    told = [json.loads(monitor.stdout.readline()) for _ in range(2)]
    assert [event["change"] for event in told] == ["deprecated", "replaced"]
    assert all(event["address"] == old and event["type"] == "graceful-replacement" for event in told)
    finish(monitor)
    (status,) = host.daemon.administer("status")["networks"]
    assert status["interface"] == "up0" and status["router"] == network.router.link_local
    assert status["prefixes"] == [str(network.router.prefix)] and status["age_seconds"] < 5


# What is left

def test_moves_and_what_they_end_are_counted(network, roaming_host, flow):
    host = roaming_host(all_types())
    connection = flow(host, NON_PERSISTENT)
    move(host, to=network.place)
    assert Numbers(host.daemon)("odmd_moves_total") == 0, "it is where it was"
    move(host)
    wait_until(lambda: connection.error is not None, "the connection is ended")
    numbers = Numbers(host.daemon)
    assert (numbers("odmd_moves_total"), numbers("odmd_aborts_total")) == (1, 1)


def test_ten_moves_in_two_seconds(network, roaming_host, flow):
    host = roaming_host(all_types())
    anchored = flow(host, SESSION_LASTING)
    graceful, _ = host.socket_with_address(GRACEFUL_REPLACEMENT)
    for _ in range(10):
        network.move(outage=0.02)
        time.sleep(0.1)
    wait_until(lambda: len(anchored.heard) > 10, "the connection works")
    heard = len(anchored.heard)
    wait_until(lambda: len(anchored.heard) > heard + 10, "the connection works")
    (default,) = [route for route in host.routes(host.uplink_table) if "via" in route]
    assert network.router.link_local in default.split()
    # Two for each move of the one address that is replaced at each.
    assert host.daemon.log.count("(graceful-replacement)") <= 20
    anchored.close()
    graceful.close()
    host.assert_nothing_left()
    wait_until(lambda: host.daemon.administer("addresses")["addresses"] == [], "nothing is kept for nobody",
               GRACE_SECONDS + 15)


@pytest.mark.parametrize("moment", [0.0, 0.03, 0.0605, 0.0620, 0.07])
def test_promise_1_the_daemon_may_be_killed_at_any_moment_of_a_move(network, roaming_host, flow, moment):
    host = roaming_host(all_types())
    anchored = flow(host, SESSION_LASTING)
    network.sw.ip("link set port down")
    time.sleep(moment)
    host.daemon.kill()
    network.sw.ip("link set port master br2 up")
    network.place = 2
    network.anchor()
    host.daemon.start()
    heard = len(anchored.heard)
    wait_until(lambda: len(anchored.heard) > heard + 10, "the connection works")
    assert anchored.error is None
    (default,) = [route for route in host.routes(host.uplink_table) if "via" in route]
    assert network.router.link_local in default.split()


def test_a_move_while_the_daemon_is_away_is_noticed_when_it_is_back(network, roaming_host, flow):
    host = roaming_host(all_types())
    old = flow(host, NON_PERSISTENT)
    host.daemon.kill()
    network.move()
    host.daemon.start()
    wait_until(lambda: old.ended, "the connection has ended")
    assert old.error.errno == errno.ECONNABORTED
    assert is_of(network.router, flow(host, NON_PERSISTENT).address)


@pytest.mark.parametrize("contents", [b"", b"{", b'{"boot":"x","namespace":1,"networks":[]}', b"\0" * 100_000])
def test_a_damaged_memory_of_networks_does_no_harm(network, roaming_host, flow, contents):
    host = roaming_host(all_types())
    old = flow(host, NON_PERSISTENT)
    with host.daemon_away():
        (host.daemon.runtime_directory / "networks").write_bytes(contents)
    time.sleep(0.5)
    assert old.error is None
    move(host)
    wait_until(lambda: old.ended, "the connection has ended")


def test_promise_3_a_move_leaves_what_is_not_ours_alone(network, roaming_host, flow):
    host = roaming_host(all_types())
    network.mn.ip("""
        addr add 2001:db8:77::1/64 dev up0 nodad
        route add 2001:db8:78::/64 via fe80::77 dev up0
        rule add from 2001:db8:79::/64 lookup 77
        """)
    flow(host, SESSION_LASTING), flow(host, NON_PERSISTENT)
    sysctls = network.mn.sysctls()
    move(host)
    move(host)
    time.sleep(0.5)
    assert ("2001:db8:77::1", 64) in host.addresses_on("up0")
    assert network.mn.ip_json("route", "show", "2001:db8:78::/64")
    assert any(rule.get("src") == "2001:db8:79::" for rule in network.mn.ip_json("rule"))
    # The kernel's own addresses stay the kernel's, of both networks.
    for router in network.routers.values():
        assert any(is_of(router, address) for address, length in host.addresses_on("up0") if length == 64)
    assert network.mn.sysctls() == sysctls


def test_legacy_programs_keep_the_routes_that_somebody_made_for_them(network, roaming_host, flow):
    """After a move packets from the new network's prefix have a rule; what is not by the default route is not meant."""
    host = roaming_host(all_types())
    flow(host, NON_PERSISTENT)
    network.mn.ip("route add 2001:db8:78::/64 via fe80::77 dev up0")
    move(host)
    connection = flow(host, NON_PERSISTENT)
    (route,) = network.mn.ip_json("route", "get", "2001:db8:78::1", "from", connection.address)
    assert route["gateway"] == "fe80::77"
    (route,) = network.mn.ip_json("route", "get", SERVER, "from", connection.address)
    assert route["gateway"] == network.router.link_local
