"""Prefixes from Kea, on the link and behind a relay: asked for when a socket wants one, given back after."""

import ipaddress
import time

import pytest
from defender import Defender
from delegation import ACCESS_LINK, CODES, CONTINUITY_OPTION, NUMBERS, TYPES, type_of
from dhcpv6 import Code, Kind
from host import configuration_with, network_source, wait_until
from network import ROUTER
from setsc_client import FIXED, NON_PERSISTENT, SESSION_LASTING, request

ALL_TYPES = " ".join(TYPES)
ANSWERED_SECONDS = 1


@pytest.fixture
def network(access_network):
    access_network.radvd()
    return access_network


@pytest.fixture
def node(configured_host):
    """Call it with keys of the source for a host whose only source is the DHCPv6 server."""
    def start(types=ALL_TYPES, daemon="", **keys):
        return configured_host(configuration_with(network_source("dhcpv6", types, **keys), daemon=daemon,
                                                  graceful_replacement="LingerSec=0"))
    return start


def prefix_of(address):
    return ipaddress.IPv6Network((address, 64), strict=False)


@pytest.mark.parametrize("server_of", ["kea", "relayed_kea"])
@pytest.mark.parametrize("type", TYPES)
def test_each_type_gets_a_prefix_of_its_own_and_works(network, node, server, server_of, type):
    """From the question to a connection, and nothing remains when it is closed."""
    kea = getattr(network, server_of)()
    host = node()
    sock, address = host.socket_with_address(NUMBERS[type])
    assert type_of(address) == type
    assert host.peer_seen_by_server(sock, server) == address
    assert kea.prefixes == {str(prefix_of(address).network_address)}
    if type != "fixed":
        sock.close()
        host.assert_nothing_left()
        wait_until(lambda: not kea.prefixes, "the prefix is given back")


def test_where_the_address_stands_and_by_where_its_packets_leave(network, node):
    network.kea()
    host = node()
    _, address = host.socket_with_address()
    assert host.addresses_on("lo") == {(address, 128)}
    (rule,) = host.rules
    assert (rule["src"], rule["srclen"]) == (str(prefix_of(address).network_address), 64)
    assert int(rule["table"]) == host.uplink_table
    assert any(route.startswith(f"default via {ROUTER} dev up0") for route in host.routes(host.uplink_table))


def test_one_round_trip_with_rapid_commit(network, node, capture):
    network.kea()
    host = node()
    began = time.monotonic()
    host.socket_with_address()
    assert time.monotonic() - began < ANSWERED_SECONDS, "nothing is waited for before the first Solicit"
    assert capture.kinds == [Kind.SOLICIT]
    (solicit,) = capture.asked
    assert solicit.options.one(Code.RAPID_COMMIT) == b""


def wait_for(capture, kind, seconds=5):
    wait_until(lambda: kind in capture.kinds, f"the node sends a {kind.name}", seconds)


@pytest.mark.parametrize("convey", ["user-class", "continuity-option", "none"])
def test_the_type_is_told_in_every_message(network, node, capture, convey):
    """Servers choose by message: one that does not name the type would be given another prefix."""
    keys = {"ContinuityOptionCode": CONTINUITY_OPTION} if convey == "continuity-option" else {}
    if convey == "none":
        network.fake_dhcpv6_server(renew=2, rebind=4, valid=8, preferred=8)
    else:
        network.kea(valid=8)
    host = node(Convey=convey, **keys)
    sock, address = host.socket_with_address()
    with host.daemon_away():
        pass
    wait_for(capture, Kind.REBIND)
    wait_for(capture, Kind.RENEW)
    assert address in host.addresses
    sock.close()
    wait_for(capture, Kind.RELEASE)
    for message in capture.asked:
        assert message.user_class == ("odm-session-lasting" if convey == "user-class" else None), message
        code = bytes([CODES["session-lasting"]]) if convey == "continuity-option" else None
        assert message.options.one(CONTINUITY_OPTION) == code, message
        # A server that gives nothing has nothing to be asked for (RFC 8415, section 24).
        asks = convey == "continuity-option" and message.kind is not Kind.RELEASE
        assert (CONTINUITY_OPTION in message.asks_for) == asks, message


def test_one_identity_for_all_types_and_an_association_for_each(network, node, capture):
    network.kea()
    host = node()
    for type in NUMBERS.values():
        host.socket_with_address(type)
    host.socket_with_address(on_net=True)
    assert len({message.options.one(Code.CLIENT_ID) for message in capture.asked}) == 1
    assert len({message.associations[0].iaid for message in capture.asked}) == 5
    assert all(len(message.associations) == 1 for message in capture.asked), "one type in a message"


def test_sockets_of_a_type_share_a_prefix_and_on_net_has_its_own(network, node):
    kea = network.kea()
    host = node()
    (_, first), (_, second) = host.socket_with_address(), host.socket_with_address()
    alone_socket, alone = host.socket_with_address(on_net=True)
    assert first == second
    assert prefix_of(first) != prefix_of(alone)
    alone_socket.close()
    wait_until(lambda: kea.prefixes == {str(prefix_of(first).network_address)}, "only that one is given back")


def test_a_lease_of_fixed_is_kept_unused(network, node, capture):
    kea = network.kea()
    host = node(types="fixed session-lasting")
    sock, address = host.socket_with_address(FIXED)
    sock.close()
    other, _ = host.socket_with_address(SESSION_LASTING)
    other.close()
    wait_for(capture, Kind.RELEASE)
    wait_until(lambda: len(kea.prefixes) == 1, "only the other one is given back")
    assert host.addresses == {address}
    assert host.socket_with_address(FIXED)[1] == address


def test_lingering_precedes_the_release(network, configured_host, capture):
    kea = network.kea()
    host = configured_host(configuration_with(network_source("dhcpv6", ALL_TYPES), session_lasting="LingerSec=1"))
    sock, address = host.socket_with_address()
    sock.close()
    closed = time.monotonic()
    assert host.socket_with_address()[1] == address, "it is still there"
    host.close_sockets()
    wait_for(capture, Kind.RELEASE)
    assert time.monotonic() - closed >= 1
    wait_until(lambda: not kea.prefixes, "the prefix is given back")
    host.assert_nothing_left()


# What outlives the daemon and the machine

@pytest.mark.parametrize("end", ["stop", "kill"])
def test_a_lease_survives_the_daemon(network, node, server, capture, end):
    """The address stays, the network is asked whether it still knows it, and new sockets share it."""
    kea = network.kea()
    host = node()
    sock, address = host.socket_with_address()
    assert host.peer_seen_by_server(sock, server) == address
    with host.daemon_away(end):
        assert host.addresses == {address}
    wait_for(capture, Kind.REBIND)
    assert capture.kinds == [Kind.SOLICIT, Kind.REBIND]
    solicit, rebind = capture.asked
    assert rebind.prefixes == [prefix_of(address)]
    assert rebind.associations[0].iaid == solicit.associations[0].iaid
    assert rebind.options.one(Code.CLIENT_ID) == solicit.options.one(Code.CLIENT_ID)
    other, shared = host.socket_with_address()
    assert shared == address
    assert host.peer_seen_by_server(other, server) == address
    sock.close(), other.close()
    host.assert_nothing_left()
    wait_until(lambda: not kea.prefixes, "the prefix is given back")


def test_what_died_while_the_daemon_was_away_is_given_back(network, node):
    kea = network.kea()
    host = node()
    sock, _ = host.socket_with_address()
    with host.daemon_away():
        sock.close()
    host.assert_nothing_left()
    wait_until(lambda: not kea.prefixes, "the prefix is given back")


def test_fixed_survives_a_reboot(network, node, server, capture):
    kea = network.kea()
    host = node()
    _, address = host.socket_with_address(FIXED)
    _, lost = host.socket_with_address(SESSION_LASTING)
    host.reboot()
    wait_for(capture, Kind.REBIND)
    sock, again = host.socket_with_address(FIXED)
    assert again == address
    assert host.peer_seen_by_server(sock, server) == address
    wait_until(lambda: kea.prefixes == {str(prefix_of(address).network_address)},
               "no socket outlives the machine: the other lease is given back")
    assert lost not in host.addresses


def test_the_identity_survives_a_reboot(network, node, capture):
    network.kea()
    host = node()
    host.socket_with_address()
    host.reboot()
    host.socket_with_address(NON_PERSISTENT)
    assert len({message.options.one(Code.CLIENT_ID) for message in capture.asked}) == 1


def test_a_server_that_restarts_knows_its_leases(network, node):
    kea = network.kea()
    host = node()
    sock, address = host.socket_with_address()
    kea.kill()
    kea.start()
    sock.close()
    wait_until(lambda: not kea.prefixes, "the prefix is given back")


# Refusals

def test_a_type_that_the_network_does_not_have(network, node):
    network.kea(types=["session-lasting"])
    host = node()
    began = time.monotonic()
    assert host.ask(request(NON_PERSISTENT), host.socket()).refusal == ("FAILED", "EADDRNOTAVAIL")
    # Another server might have offered one meanwhile (RFC 8415, section 18.2.1).
    assert time.monotonic() - began < 1 + ANSWERED_SECONDS
    assert type_of(host.socket_with_address(SESSION_LASTING)[1]) == "session-lasting"
    assert "dhcpv6" in host.daemon.log and "NoPrefixAvail" in host.daemon.log


# Single addresses (IA_NA)

def test_a_single_address_stands_on_the_link(network, node, server, capture):
    network.kea()
    host = node(Place="interface")
    host.namespace.set_sysctl("net/ipv6/conf/up0/accept_dad", 1)
    sock, address = host.socket_with_address()
    assert host.addresses_on("up0") == {(address, 128)}
    assert ipaddress.IPv6Address(address) in ACCESS_LINK
    assert host.peer_seen_by_server(sock, server) == address
    assert capture.asked[0].associations[0].code == Code.IA_NA
    sock.close()
    wait_for(capture, Kind.RELEASE)
    wait_until(lambda: not host.addresses_on("up0"), "it is gone")
    host.assert_nothing_left()


def test_a_single_address_that_a_neighbour_has_is_declined(network, node, capture):
    network.kea()
    host = node(Place="interface")
    host.namespace.set_sysctl("net/ipv6/conf/up0/accept_dad", 1)
    defender = Defender(network.r, defended=1)
    defender.start()
    _, address = host.socket_with_address()
    wait_for(capture, Kind.DECLINE)
    (declined,) = [message for message in capture.asked if message.kind == Kind.DECLINE]
    assert {prefix.network_address.packed for prefix in declined.prefixes} == defender.targets
    assert host.addresses_on("up0") == {(address, 128)}, "the server has given another one"
    assert ipaddress.IPv6Address(address).packed not in defender.targets
