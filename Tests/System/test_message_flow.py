"""The message flow of draft-ietf-dmm-ondemand-mobility-16 and -17, with a C program and a DHCPv6 server. The network
gives Session-lasting and Non-persistent prefixes, and no others."""

import pytest
from delegation import type_of
from dhcpv6 import Kind
from host import configuration_with, network_source

SESSION_LASTING, NON_PERSISTENT, GRACEFUL_REPLACEMENT = "2", "3", "4"


@pytest.fixture
def network(access_network):
    access_network.radvd()
    access_network.kea(types=["session-lasting", "non-persistent"])
    return access_network


@pytest.fixture
def host(configured_host):
    return configured_host(configuration_with(
        network_source("dhcpv6", "session-lasting non-persistent graceful-replacement")))


def test_the_message_flow_of_the_drafts(host, capture, session):
    first, type = session(NON_PERSISTENT)
    assert (type_of(first), type) == ("non-persistent", NON_PERSISTENT)

    second, _ = session(NON_PERSISTENT)
    assert second == first, "two programs share the Non-persistent address"
    assert capture.kinds == [Kind.SOLICIT], "which the network was asked for once"

    assert session(GRACEFUL_REPLACEMENT) == ["EAI_REQUIREDIPFAILED", "EADDRNOTAVAIL"]

    instead, type = session(SESSION_LASTING)
    assert (type_of(instead), type) == ("session-lasting", SESSION_LASTING)
    assert host.addresses == {first, instead}
