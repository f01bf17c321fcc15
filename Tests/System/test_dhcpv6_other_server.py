"""The same from ISC dhcpd, which has no rapid commit and leaves the times of renewal to the client (T1 = T2 = 0)."""

import time

import pytest
from delegation import NUMBERS, TYPES, type_of
from dhcpv6 import Kind
from host import configuration_with, network_source, wait_until
from setsc_client import FIXED, NON_PERSISTENT, SESSION_LASTING, request

# A server without a preference may have a better one beside it: the client waits a second (RFC 8415, 18.2.1).
OTHERS_MAY_ANSWER_SECONDS = 1.5


@pytest.fixture
def network(access_network):
    access_network.radvd()
    return access_network


@pytest.fixture
def node(configured_host):
    def start(**keys):
        return configured_host(configuration_with(network_source("dhcpv6", " ".join(TYPES), **keys),
                                                  graceful_replacement="LingerSec=0"))
    return start


def test_every_type_gets_a_prefix_of_its_own_and_works(network, node, server):
    network.dhcpd(preference=255)
    host = node()
    given = {type: host.socket_with_address(number) for type, number in NUMBERS.items()}
    for type, (sock, address) in given.items():
        assert type_of(address) == type
        assert host.peer_seen_by_server(sock, server) == address


def test_four_messages_and_a_release(network, node, capture):
    network.dhcpd()
    host = node()
    began = time.monotonic()
    sock, address = host.socket_with_address()
    assert time.monotonic() - began < OTHERS_MAY_ANSWER_SECONDS
    sock.close()
    host.assert_nothing_left()
    wait_until(lambda: Kind.RELEASE in capture.kinds, "the node sends a Release")
    assert capture.kinds == [Kind.SOLICIT, Kind.REQUEST, Kind.RELEASE]
    assert all(message.user_class == "odm-session-lasting" for message in capture.asked)


def test_a_lease_survives_daemon_and_machine(network, node, server, capture):
    network.dhcpd(preference=255)
    host = node()
    sock, address = host.socket_with_address(FIXED)
    with host.daemon_away():
        pass
    wait_until(lambda: Kind.REBIND in capture.kinds, "the node sends a Rebind")
    assert host.peer_seen_by_server(sock, server) == address
    host.reboot()
    assert host.socket_with_address(FIXED)[1] == address
    assert capture.kinds.count(Kind.REQUEST) == 1, "it is not asked for anew"


def test_a_client_that_names_no_type_is_refused(network, node):
    network.dhcpd(preference=255)
    host = node(Convey="none")
    for type in (SESSION_LASTING, NON_PERSISTENT):
        assert host.ask(request(type), host.socket()).refusal == ("FAILED", "EADDRNOTAVAIL")
    host.assert_nothing_left()
