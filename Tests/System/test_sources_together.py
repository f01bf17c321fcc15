"""Several sources of a type: the first that can, in the order of the configuration, and none is asked in vain."""

import ipaddress
import time

import pytest
import setsc_client
from dhcpv6 import Kind, Status
from fake_dhcpv6_server import PREFIX_GIVEN
from host import configuration_with, network_source, wait_until
from network import PREFIX
from radvd import Advertised
from setsc_client import NON_PERSISTENT, SESSION_LASTING, request

STATIC = list(PREFIX.subnets(new_prefix=58))[0]
HOME = f"[Source home]\nKind=static\nTypes=session-lasting\nPrefix={STATIC}\nInterface=up0\n"
DHCPV6 = network_source("dhcpv6", "session-lasting")
BACKOFF_SECONDS = 1


@pytest.fixture
def network(access_network):
    access_network.radvd(Advertised("2001:db8:1::/64"))
    return access_network


@pytest.fixture
def node(configured_host):
    """Call it with sources, in their order."""
    def start(*sources, daemon="RequestTimeoutSec=1500ms"):
        return configured_host(configuration_with(*sources, daemon=daemon))
    return start


def ask(host):
    """The reply to a request whose socket is closed at once."""
    with host.socket() as sock:
        return host.ask(request(SESSION_LASTING), sock)


def silence(question, answer):
    return None


def is_in(address, prefix):
    return ipaddress.IPv6Address(address) in prefix


# Order and fallback

def test_the_first_source_comes_first(network, node):
    network.fake_dhcpv6_server()
    host = node(DHCPV6, HOME)
    assert is_in(host.socket_with_address()[1], PREFIX_GIVEN)


def test_a_source_that_is_not_needed_is_not_asked(network, node):
    server = network.fake_dhcpv6_server()
    host = node(HOME, DHCPV6)
    assert is_in(host.socket_with_address()[1], STATIC)
    assert not server.heard


def test_the_next_source_when_the_first_refuses_and_the_log_says_why(network, node):
    server = network.fake_dhcpv6_server(status=Status.NO_PREFIX_AVAIL)
    host = node(DHCPV6, HOME, daemon="RequestTimeoutSec=10")
    assert is_in(host.socket_with_address()[1], STATIC)
    assert server.count(Kind.SOLICIT) == 1
    assert "NoPrefixAvail" in host.daemon.log


def test_the_next_source_when_the_first_is_silent_and_the_log_says_so(network, node):
    """A source that does not answer leaves the others their part of the time that the request has."""
    network.fake_dhcpv6_server(tamper=silence)
    host = node(DHCPV6, HOME)
    assert is_in(host.socket_with_address()[1], STATIC)
    assert "source dhcpv6" in host.daemon.log


def test_the_next_source_when_the_first_has_no_address_left(network, node):
    network.fake_dhcpv6_server()
    host = node(HOME.replace(str(STATIC), "2001:db8:a::7/128"), DHCPV6)
    _, only = host.socket_with_address()
    assert only == "2001:db8:a::7"
    assert is_in(host.socket_with_address(on_net=True)[1], PREFIX_GIVEN)


def test_the_last_refusal_is_the_reason(network, node):
    """When nobody can, the program is told what the last one said."""
    network.fake_dhcpv6_server(status=Status.NO_PREFIX_AVAIL, preference=255)
    host = node(network_source("ra", "session-lasting").replace("Interface=up0", "Interface=nowhere0"), DHCPV6)
    assert ask(host).refusal == ("FAILED", "EADDRNOTAVAIL")
    host.assert_nothing_left()


def test_without_any_source_of_the_type(network, node):
    network.fake_dhcpv6_server()
    host = node(DHCPV6)
    assert host.ask(request(NON_PERSISTENT), host.socket()).refusal == ("NOT_SUPPORTED", "ENOTSUP")


# Backoff

def test_a_source_that_has_failed_is_left_alone_for_a_while(network, node):
    """A program that asks in a loop must not become a flood on the link."""
    server = network.fake_dhcpv6_server(status=Status.NO_PREFIX_AVAIL)
    host = node(DHCPV6)
    assert ask(host).refusal == ("FAILED", "EADDRNOTAVAIL")
    failed = time.monotonic()
    for _ in range(20):
        assert ask(host).refusal == ("FAILED", "EADDRNOTAVAIL")
    assert time.monotonic() - failed < BACKOFF_SECONDS / 2
    assert server.count(Kind.SOLICIT) == 1
    server.status = None
    wait_until(lambda: ask(host).errno == 0, "it is asked again")
    assert 0.9 * BACKOFF_SECONDS <= time.monotonic() - failed < 1.5 * BACKOFF_SECONDS
    assert server.count(Kind.SOLICIT) == 2


def test_the_while_doubles_until_the_source_gives(network, node):
    """A source that is silent has failed at the deadline of the request."""
    server = network.fake_dhcpv6_server(tamper=silence)
    host = node(DHCPV6, daemon="RequestTimeoutSec=100ms")

    def ask_until_it_is_asked(times):
        wait_until(lambda: ask(host) and server.count(Kind.SOLICIT) == times, f"it is asked {times} times")

    ask_until_it_is_asked(times=2)
    server.tamper = lambda question, answer: answer
    ask_until_it_is_asked(times=3)
    server.tamper = silence
    ask_until_it_is_asked(times=5)
    first, second, third, fourth, fifth = server.times_of(Kind.SOLICIT)
    assert 1 <= second - first < 1.5
    assert 2 <= third - second < 2.5
    assert 1 <= fifth - fourth < 1.5, "as at first, because it has given in between"


# Many requests, and requests that nobody waits for

def waiting_clients(host, number):
    """Connections that have asked, each with a socket of its own."""
    clients = [setsc_client.connect(host.daemon.setsc_socket) for _ in range(number)]
    for client in clients:
        setsc_client.send(client, request(SESSION_LASTING), [host.socket()])
    return clients


def test_one_exchange_for_all_who_wait(network, node):
    def slow(question, answer):
        time.sleep(0.3)
        return answer

    server = network.fake_dhcpv6_server(tamper=slow)
    host = node(DHCPV6)
    clients = waiting_clients(host, 30)
    (address,) = {setsc_client.receive(client).address for client in clients}
    assert is_in(address, PREFIX_GIVEN)
    assert len(server.heard) == 1


def test_a_deadline_for_each_request(network, node):
    """Who asked later waits as long, though the exchange has begun before."""
    network.fake_dhcpv6_server(tamper=silence)
    host = node(DHCPV6, daemon="RequestTimeoutSec=600ms")
    began = time.monotonic()
    (first,) = waiting_clients(host, 1)
    time.sleep(0.3)
    (second,) = waiting_clients(host, 1)
    for client, seconds in (first, 0.6), (second, 0.9):
        assert setsc_client.receive(client).refusal == ("FAILED", "ETIMEDOUT")
        assert seconds <= time.monotonic() - began < seconds + 0.3
    host.assert_nothing_left()


@pytest.mark.parametrize("end", ["client", "deadline"])
def test_an_exchange_ends_when_nobody_waits_for_it(network, node, end):
    """It would have been repeated after a second, for a prefix that nobody wants."""
    server = network.fake_dhcpv6_server(tamper=silence)
    host = node(DHCPV6, daemon=f"RequestTimeoutSec={'500ms' if end == 'deadline' else '1h'}")
    clients = waiting_clients(host, 2)
    wait_until(lambda: server.heard, "the exchange has begun")
    for client in clients:
        if end == "deadline":
            setsc_client.receive(client)
        client.close()
    time.sleep(1.3)
    assert len(server.heard) == 1
    host.close_sockets()
    host.assert_nothing_left()


def test_an_exchange_goes_on_for_the_last_who_waits(network, node):
    def slow(question, answer):
        time.sleep(0.4)
        return answer

    network.fake_dhcpv6_server(tamper=slow)
    host = node(DHCPV6)
    leaves, stays = waiting_clients(host, 2)
    leaves.close()
    assert is_in(setsc_client.receive(stays).address, PREFIX_GIVEN)


def test_what_comes_for_nobody_is_given_back(network, node):
    """The server has counted the prefix as ours; it is to have it back."""
    def slow(question, answer):
        if question.kind == Kind.SOLICIT:
            time.sleep(0.4)
        return answer

    server = network.fake_dhcpv6_server(tamper=slow)
    host = node(DHCPV6)
    (client,) = waiting_clients(host, 1)
    wait_until(lambda: server.heard, "the exchange has begun")
    client.close()
    wait_until(lambda: server.count(Kind.RELEASE), "the prefix is given back")
    host.close_sockets()
    host.assert_nothing_left()


def test_a_daemon_that_is_killed_in_the_middle_of_an_exchange(network, node):
    server = network.fake_dhcpv6_server(tamper=silence)
    host = node(DHCPV6)
    clients = waiting_clients(host, 1)
    wait_until(lambda: server.heard, "the exchange has begun")
    with host.daemon_away():
        server.tamper = lambda question, answer: answer
    sock, address = host.socket_with_address()
    assert is_in(address, PREFIX_GIVEN)
    clients[0].close()
