"""Servers that are silent, slow, wrong or odd: a clear outcome for the program each time, and nothing is left."""

import dataclasses
import ipaddress
import time

import pytest
import setsc_client
from delegation import CODES, CONTINUITY_OPTION, POOLS
from dhcpv6 import INFINITY, Code, Kind, Leased, Options, Status, status_option
from fake_dhcpv6_server import PREFIX_GIVEN
from host import configuration_with, network_source, wait_until
from setsc_client import SESSION_LASTING, request

TIMEOUT_SECONDS = 0.5
PATIENCE_SECONDS = 5
ANOTHER_PREFIX = list(POOLS["session-lasting"].subnets(new_prefix=64))[7]
ANOTHER_IDENTIFIER = b"\0\3\0\1\2\0\0\0\x0d\3"
# Another server may have what the first one has not: the client listens for a second (RFC 8415, 18.2.1).
REFUSED_SECONDS = 1.5
GARBAGE = bytes(range(Kind.REPLY, 200))


@pytest.fixture
def network(access_network):
    access_network.radvd()
    return access_network


@pytest.fixture
def node(configured_host):
    """Call it with keys of the source for a host whose only source is the DHCPv6 server."""
    def start(timeout=PATIENCE_SECONDS, **keys):
        return configured_host(configuration_with(
            network_source("dhcpv6", "session-lasting", **keys), daemon=f"RequestTimeoutSec={timeout}"))
    return start


def ask(host):
    """The reply to a request whose socket is closed at once."""
    with host.socket() as sock:
        return host.ask(request(SESSION_LASTING), sock)


def assert_times_out(host):
    began = time.monotonic()
    assert ask(host).refusal == ("FAILED", "ETIMEDOUT")
    assert TIMEOUT_SECONDS <= time.monotonic() - began < TIMEOUT_SECONDS + 0.5
    host.assert_nothing_left()


def lives_and_goes(host, prefix=PREFIX_GIVEN):
    """A socket gets an address in the prefix, and nothing is left when it is closed."""
    sock, address = host.socket_with_address()
    assert ipaddress.IPv6Address(address) in prefix
    sock.close()
    host.assert_nothing_left()


def released(server):
    """The Release that the server hears sooner or later."""
    wait_until(lambda: server.count(Kind.RELEASE), "the prefix is given back")
    (release,) = [message for message in server.heard if message.kind == Kind.RELEASE]
    return release


def only(kind, change):
    """To tamper with answers to questions of one kind."""
    return lambda question, answer: change(answer) if question.kind == kind else answer


# Nothing that is of use

@pytest.mark.parametrize("instead", [
    pytest.param(lambda answer: None, id="silence"),
    pytest.param(lambda answer: GARBAGE, id="garbage"),
    pytest.param(lambda answer: bytes(answer)[:2], id="a cut-off header"),
    pytest.param(lambda answer: bytes(answer)[:-3], id="a cut-off option"),
    pytest.param(lambda answer: b"", id="no octets"),
    pytest.param(lambda answer: answer.with_transaction(b"\1\2\3"), id="another transaction"),
    pytest.param(lambda answer: answer.without(Code.CLIENT_ID), id="no client identifier"),
    pytest.param(lambda answer: answer.without(Code.SERVER_ID), id="no server identifier"),
    pytest.param(lambda answer: answer.with_option(Code.CLIENT_ID, b"\0\4somebody"), id="for another client"),
    pytest.param(lambda answer: dataclasses.replace(answer, kind=Kind.SOLICIT), id="a question"),
])
def test_what_is_no_answer_is_not_heard(network, node, instead):
    network.fake_dhcpv6_server(tamper=lambda question, answer: instead(answer))
    assert_times_out(node(timeout=TIMEOUT_SECONDS))


def test_a_question_is_repeated_until_it_is_answered(network, node):
    """The first one is lost; the next comes after a second, give or take a tenth (RFC 8415, 7.6 and 15)."""
    def deaf(question, answer):
        return answer if len(server.heard) > 1 else None

    server = network.fake_dhcpv6_server(tamper=deaf)
    lives_and_goes(node())
    first, second = server.times[:2]
    assert 0.9 <= second - first < 1.2
    assert server.heard[0].transaction == server.heard[1].transaction


def test_a_slow_server(network, node):
    def slow(question, answer):
        time.sleep(0.3)
        return answer

    network.fake_dhcpv6_server(tamper=slow)
    host = node()
    began = time.monotonic()
    lives_and_goes(host)
    assert time.monotonic() - began >= 0.3


def test_an_answer_that_comes_when_nobody_waits_any_more(network, node):
    """It is not used; the next request gets a prefix as if nothing had been."""
    def late(question, answer):
        if question.kind == Kind.SOLICIT and server.count(Kind.SOLICIT) == 1:
            time.sleep(TIMEOUT_SECONDS + 0.3)
        return answer

    server = network.fake_dhcpv6_server(tamper=late)
    host = node(timeout=TIMEOUT_SECONDS)
    assert_times_out(host)
    wait_until(lambda: not host.addresses, "nothing comes of it")
    time.sleep(1)  # the source is not asked again so soon after a failure
    lives_and_goes(host)


# Servers that change their mind

def test_a_server_that_restarts_between_advertise_and_request(network, node):
    """It hears the Request when that is repeated."""
    def restarting(question, answer):
        return None if question.kind == Kind.REQUEST and server.count(Kind.REQUEST) == 1 else answer

    server = network.fake_dhcpv6_server(rapid_commit=False, preference=255, tamper=restarting)
    lives_and_goes(node())
    assert server.count(Kind.REQUEST) == 2


def test_a_server_that_does_not_come_back(network, node):
    network.fake_dhcpv6_server(rapid_commit=False, preference=255, tamper=only(Kind.REQUEST, lambda answer: None))
    assert_times_out(node(timeout=TIMEOUT_SECONDS))


def test_a_reply_with_another_prefix_than_was_advertised(network, node):
    def changed(question, answer):
        server.prefix = ANOTHER_PREFIX
        return answer

    server = network.fake_dhcpv6_server(rapid_commit=False, preference=255, tamper=changed)
    lives_and_goes(node(), ANOTHER_PREFIX)
    assert released(server).prefixes == [ANOTHER_PREFIX]


def test_the_better_of_two_servers(network, node):
    """Preference decides when both have answered within the first second (RFC 8415, 18.2.9)."""
    worse = network.fake_dhcpv6_server(rapid_commit=False, preference=1)
    better = network.fake_dhcpv6_server(rapid_commit=False, preference=2, prefix=ANOTHER_PREFIX,
                                        identifier=ANOTHER_IDENTIFIER)
    lives_and_goes(node(), ANOTHER_PREFIX)
    assert worse.count(Kind.SOLICIT) == 1
    asked, = {message.options.one(Code.SERVER_ID) for message in better.heard if message.kind == Kind.REQUEST}
    assert asked == better.identifier


def test_the_best_preference_is_not_waited_for(network, node):
    network.fake_dhcpv6_server(rapid_commit=False, preference=255)
    host = node()
    began = time.monotonic()
    lives_and_goes(host)
    assert time.monotonic() - began < 0.9


@pytest.mark.parametrize("status", [Status.NO_PREFIX_AVAIL, Status.UNSPEC_FAIL, Status.NOT_ON_LINK],
                         ids=lambda status: status.name)
def test_a_refusal(network, node, status):
    network.fake_dhcpv6_server(status=status)
    host = node()
    began = time.monotonic()
    assert ask(host).refusal == ("FAILED", "EADDRNOTAVAIL")
    assert time.monotonic() - began < REFUSED_SECONDS
    host.assert_nothing_left()


def test_a_refusal_of_the_whole_message(network, node):
    def refuse(answer):
        return answer.without(Code.IA_PD).with_option(*status_option(Status.NO_PREFIX_AVAIL, "none for you"))

    network.fake_dhcpv6_server(tamper=only(Kind.SOLICIT, refuse))
    host = node()
    assert ask(host).refusal == ("FAILED", "EADDRNOTAVAIL")
    assert "none for you" in host.daemon.log


def test_a_refusal_beside_a_server_that_gives(network, node):
    network.fake_dhcpv6_server(status=Status.NO_PREFIX_AVAIL)
    network.fake_dhcpv6_server(identifier=ANOTHER_IDENTIFIER)
    lives_and_goes(node())


# Odd prefixes and lifetimes

@pytest.mark.parametrize("prefix", ["2001:db8:a:40::/60", "2001:db8:a:40::/64", "2001:db8:a:40::/80",
                                    "2001:db8:a:40::7/128"])
def test_prefixes_of_other_lengths(network, node, prefix):
    network.fake_dhcpv6_server(prefix=prefix)
    lives_and_goes(node(), ipaddress.IPv6Network(prefix))


@pytest.mark.parametrize("prefix", ["::/0", "fe80::/64", "ff02::/64", "::1/128"])
def test_prefixes_that_are_nobodys_to_give(network, node, prefix):
    network.fake_dhcpv6_server(prefix=prefix, preference=255)
    host = node(timeout=TIMEOUT_SECONDS)
    assert ask(host).refusal[0] == "FAILED"
    host.assert_nothing_left()


@pytest.mark.parametrize("lifetimes", [{"valid": 0, "preferred": 0}, {"valid": 100, "preferred": 200}])
def test_lifetimes_that_are_none(network, node, lifetimes):
    """Valid for no time, or preferred for longer than valid (RFC 8415, 21.22: discarded)."""
    network.fake_dhcpv6_server(**lifetimes, preference=255)
    host = node(timeout=TIMEOUT_SECONDS)
    assert ask(host).refusal[0] == "FAILED"
    host.assert_nothing_left()


def test_a_lease_for_ever(network, node):
    server = network.fake_dhcpv6_server(valid=INFINITY, preferred=INFINITY, renew=INFINITY, rebind=INFINITY)
    lives_and_goes(node())
    assert released(server).prefixes == [PREFIX_GIVEN]
    assert len(server.heard) == 2


def test_a_lease_of_a_second_is_renewed_for_as_long_as_it_is_used(network, node):
    """But not more often than the server can be expected to bear."""
    server = network.fake_dhcpv6_server(valid=1, preferred=1, renew=0, rebind=0)
    host = node()
    sock, address = host.socket_with_address()
    wait_until(lambda: len(server.heard) >= 4, "it is renewed and renewed")
    assert host.addresses == {address}
    assert server.times[3] - server.times[0] >= 0.5
    sock.close()
    host.assert_nothing_left()


@pytest.mark.parametrize("times", [{"renew": 400, "rebind": 300}, {"renew": 900, "rebind": 1000}])
def test_times_of_renewal_that_make_no_sense(network, node, times):
    """T1 > T2: discarded (RFC 8415, 21.21); later than the lifetimes: the client knows better."""
    network.fake_dhcpv6_server(**times, preference=255)
    host = node(timeout=TIMEOUT_SECONDS)
    reply = ask(host)
    assert reply.refusal[0] == ("FAILED" if times["renew"] > times["rebind"] else "GRANTED")
    host.assert_nothing_left()


def test_a_server_that_has_forgotten_the_lease_at_renewal(network, node):
    """NoBinding: the same prefix is asked for again (RFC 8415, 18.2.10.1), and the address stays."""
    def forgetful(question, answer):
        server.status = Status.NO_BINDING if question.kind == Kind.SOLICIT else None
        return answer

    server = network.fake_dhcpv6_server(renew=1, rebind=30, valid=60, preferred=60, tamper=forgetful)
    host = node()
    sock, address = host.socket_with_address()
    wait_until(lambda: server.count(Kind.REQUEST), "it is asked for again")
    (again,) = [message for message in server.heard if message.kind == Kind.REQUEST]
    assert again.prefixes == [PREFIX_GIVEN]
    assert host.addresses == {address}
    sock.close()
    host.assert_nothing_left()


def test_a_lease_that_is_taken_away_is_not_dropped_on_the_spot(network, node):
    """Valid 0 at a renewal, while a socket uses the address: it stays for now, and nobody new gets it."""
    def taking(question, answer):
        server.valid = server.preferred = 0
        return answer

    server = network.fake_dhcpv6_server(renew=1, rebind=30, valid=60, preferred=60, tamper=taking)
    host = node(timeout=TIMEOUT_SECONDS)
    sock, address = host.socket_with_address()
    wait_until(lambda: server.count(Kind.RENEW), "it is to be renewed")
    assert host.addresses == {address}
    assert ask(host).address != address
    assert host.addresses == {address}
    sock.close()
    host.assert_nothing_left()


# The continuity option

def prefix_with_code(code):
    """The option as it stands among those of the IA Prefix option."""
    return Options([(CONTINUITY_OPTION, bytes([code]))])


@pytest.mark.parametrize("options", [prefix_with_code(CODES["session-lasting"]), Options()],
                         ids=["said to be of the type", "by a server that does not know the option"])
def test_a_prefix_that_may_be_used(network, node, options):
    network.fake_dhcpv6_server(lease_options=options)
    lives_and_goes(node(Convey="continuity-option", ContinuityOptionCode=CONTINUITY_OPTION))


@pytest.mark.parametrize("code", [CODES["fixed"], CODES["non-persistent"]])
def test_a_prefix_of_another_type_is_discarded(network, node, code):
    network.fake_dhcpv6_server(lease_options=prefix_with_code(code), preference=255)
    host = node(timeout=TIMEOUT_SECONDS, Convey="continuity-option", ContinuityOptionCode=CONTINUITY_OPTION)
    assert ask(host).refusal[0] == "FAILED"
    host.assert_nothing_left()


@pytest.mark.parametrize("code", [0, 5, 255])
def test_a_code_that_is_no_type_is_ignored(network, node, code):
    """0 may not be sent by a server, 5 and above are reserved: as if the option were not there."""
    network.fake_dhcpv6_server(lease_options=prefix_with_code(code))
    lives_and_goes(node(Convey="continuity-option", ContinuityOptionCode=CONTINUITY_OPTION))


# The bounds

def many_options(answer):
    """15,000 empty options of no meaning."""
    return bytes(answer) + bytes(60000)


def many_prefixes(answer):
    prefixes = [Leased(prefix, 300, 600) for prefix in POOLS["session-lasting"].subnets(new_prefix=64)] * 20
    association = dataclasses.replace(answer.associations[0], leased=tuple(prefixes))
    return answer.with_option(*association.encoded())


@pytest.mark.parametrize("flood", [many_options, many_prefixes])
def test_more_than_anybody_needs_in_one_answer(network, node, flood):
    """Used or not, but told before the deadline or at it, and the memory does not grow with it."""
    network.fake_dhcpv6_server(tamper=only(Kind.SOLICIT, flood))
    host = node(timeout=TIMEOUT_SECONDS)
    assert ask(host).refusal in (("GRANTED", 0), ("FAILED", "ETIMEDOUT"), ("FAILED", "EADDRNOTAVAIL"))
    assert host.daemon.resident_kilobytes < 12 << 10
    host.assert_nothing_left()


def test_a_client_that_waits_while_the_server_is_silent_delays_nobody(network, node):
    network.fake_dhcpv6_server(tamper=lambda question, answer: None)
    host = node()
    with setsc_client.connect(host.daemon.setsc_socket) as client:
        setsc_client.send(client, request(SESSION_LASTING), [host.socket()])
        began = time.monotonic()
        assert host.ask(request(0), host.socket()).refusal == ("CALLER_ERROR", "EINVAL")
        host.daemon.administer("status")
        assert time.monotonic() - began < PATIENCE_SECONDS / 2
