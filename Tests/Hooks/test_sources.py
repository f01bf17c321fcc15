"""Programs of a control group that has a type get sources of it, and are reported; all others are left alone."""

import contextlib
import os
import socket
import struct
import subprocess
from ipaddress import IPv6Address

import pytest

from hooks import ADDRESS, FIXED, NON_PERSISTENT, OTHER_ADDRESS, SERVER, SESSION_LASTING, move_into
from kernel_maps import CLOSED, GIVEN, TRACKED_ANY, TRACKED_PLACES
from sockets import IPPROTO_MPTCP, IPPROTO_UDPLITE, cookie, open_socket, tcp_server, udp_server
from test_on_net import ON_NET, TMP, set_preferences

IPV6_BIND_ADDRESS_NO_PORT = 24


def source_of_connection(client):
    """The client's address once it has connected to a server."""
    with tcp_server() as server:
        client.connect(server.getsockname())
        return client.getsockname()[0]


def source_of_datagram(client, server, *ancillary):
    client.sendmsg([b"x"], ancillary, 0, server.getsockname())
    return server.recvfrom(1)[1][0]


# Given

@pytest.mark.parametrize("type, protocol", [(socket.SOCK_STREAM, socket.IPPROTO_TCP),
                                            (socket.SOCK_DGRAM, socket.IPPROTO_UDP)])
def test_connect(assigned, type, protocol):
    with contextlib.closing(open_socket(type)) as client, tcp_server() as server:
        number = cookie(client)
        client.connect(server.getsockname())
        assert client.getsockname()[0] == ADDRESS
        assert client.getsockname()[1] != 0
        [report] = assigned.taken(GIVEN)
        assert (report.type, report.cookie, report.address) == (SESSION_LASTING, number, IPv6Address(ADDRESS))
        assert (report.user, report.protocol) == (0, protocol)
        assert assigned.tracked[number] == number
    assert [report.cookie for report in assigned.taken(CLOSED)] == [number]
    assert assigned.tracked[number] == 0


def test_datagrams_are_reported_once(assigned):
    with open_socket(socket.SOCK_DGRAM) as client, udp_server() as server:
        for _ in range(3):
            assert source_of_datagram(client, server) == ADDRESS
        assert client.getsockname()[0] == "::"
        [report] = assigned.taken(GIVEN)
        assert (report.cookie, report.protocol) == (cookie(client), socket.IPPROTO_UDP)
        assert report.inode == os.fstat(client.fileno()).st_ino


@pytest.mark.parametrize("type, later", [(SESSION_LASTING, ADDRESS), (NON_PERSISTENT, OTHER_ADDRESS)])
def test_what_lasts_is_kept_when_others_get_another(hooks, type, later):
    hooks.assign(hooks.surroundings.group, type)
    hooks.set_address(type, ADDRESS)
    with open_socket(socket.SOCK_DGRAM) as client, open_socket(socket.SOCK_DGRAM) as other, udp_server() as server:
        assert source_of_datagram(client, server) == ADDRESS
        hooks.set_address(type, OTHER_ADDRESS)
        assert source_of_datagram(client, server) == later
        assert source_of_datagram(other, server) == OTHER_ADDRESS


def test_another_network_namespace_has_no_address_of_ours(assigned):
    assigned.set_network(1)
    with open_socket() as client, open_socket(socket.SOCK_DGRAM) as datagrams, udp_server() as server:
        assert source_of_connection(client) == SERVER
        assert source_of_datagram(datagrams, server) == SERVER
    assert assigned.taken(GIVEN) == []


def test_replies_arrive(assigned):
    with open_socket(socket.SOCK_DGRAM) as client, udp_server() as server:
        client.settimeout(5)
        client.sendto(b"x", server.getsockname())
        server.sendto(b"reply", server.recvfrom(1)[1])
        assert client.recv(10) == b"reply"


def test_effective_user_and_process(assigned):
    with open_socket(socket.SOCK_DGRAM) as client:
        client.connect((SERVER, 9))
    child = os.fork()
    if child == 0:
        os.seteuid(65534)
        with open_socket(socket.SOCK_DGRAM) as client:
            client.connect((SERVER, 9))
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    first, second = assigned.taken(GIVEN)
    assert (first.user, second.user) == (0, 65534)
    assert 0 != first.process != second.process != 0


def test_static_program(assigned, static_client):
    with tcp_server() as server:
        address, port, *_ = server.getsockname()
        done = subprocess.run([static_client, "connect", address, str(port)], text=True, capture_output=True)
    assert done.stdout == f"{ADDRESS}\n"


def test_a_place_that_counts_for_any(assigned):
    """It says nothing about this socket."""
    with open_socket() as client:
        assigned.tracked[cookie(client)] = TRACKED_ANY
        assert source_of_connection(client) == ADDRESS
        assert assigned.tracked[cookie(client)] == TRACKED_ANY
    assert len(assigned.reports.take()) == 2


def test_another_cookie_at_the_place(assigned):
    with open_socket() as client:
        number = cookie(client)
        assigned.tracked[number] = number + TRACKED_PLACES
        assert source_of_connection(client) == ADDRESS
        assert assigned.tracked[number] == TRACKED_ANY


# Control groups

def enter(*groups):
    for group in groups:
        group.mkdir()
    move_into(groups[-1])


def test_nobody_is_looked_for_while_none_is_assigned(assigned):
    assigned.state.set_assignments(0)
    with open_socket() as client:
        assert source_of_connection(client) == SERVER
    assert assigned.reports.take() == []


def test_type_without_an_address(hooks):
    hooks.assign(hooks.surroundings.group, FIXED)
    with open_socket() as client:
        assert source_of_connection(client) == SERVER
    assert hooks.reports.take() == []


def test_innermost_group_counts(assigned):
    outer = assigned.surroundings.group
    assigned.set_address(FIXED, OTHER_ADDRESS)
    enter(outer / "inner", outer / "inner/most")
    with open_socket() as client:
        assert source_of_connection(client) == ADDRESS
    assigned.assign(outer / "inner", FIXED)
    with open_socket() as client:
        assert source_of_connection(client) == OTHER_ADDRESS
    move_into(outer)
    with open_socket() as client:
        assert source_of_connection(client) == ADDRESS


def test_deep_groups(assigned):
    """The eighth level is looked at, the ninth is not; what is above them is for both."""
    assigned.set_address(FIXED, OTHER_ADDRESS)
    above = assigned.surroundings.group
    levels = [above.joinpath(*"bcdefghi"[:depth]) for depth in range(1, 9)]
    enter(*levels)
    assigned.assign(levels[7], FIXED)
    with open_socket() as client:
        assert source_of_connection(client) == ADDRESS
    assigned.assign(levels[6], FIXED)
    with open_socket() as client:
        assert source_of_connection(client) == OTHER_ADDRESS
    move_into(above)


def test_the_caller_counts_and_not_who_opened(assigned):
    """The type is that of the process that connects."""
    outer = assigned.surroundings.group
    assigned.set_address(FIXED, OTHER_ADDRESS)
    with open_socket() as client:
        enter(outer / "inner")
        assigned.assign(outer / "inner", FIXED)
        assert source_of_connection(client) == OTHER_ADDRESS
    move_into(outer)


# Left alone

@contextlib.contextmanager
def left_alone(hooks):
    hooks.reports.take()
    yield
    assert hooks.taken(GIVEN) == []


def bound_to_address(client):
    client.bind((OTHER_ADDRESS, 0))


def bound_to_address_only(client):
    client.setsockopt(socket.IPPROTO_IP, IPV6_BIND_ADDRESS_NO_PORT, 1)
    client.bind((OTHER_ADDRESS, 0))


def bound_to_port(client):
    """To one that it names: what the kernel chooses, also at the first datagram, is no choice of the program's."""
    with open_socket(client.type) as other:
        other.bind(("::", 0))
        port = other.getsockname()[1]
    client.bind(("::", port))


def with_preferences(client):
    set_preferences(client, TMP)


def on_net(client):
    set_preferences(client, ON_NET)


BY_THEMSELVES = [bound_to_address, bound_to_address_only, bound_to_port, with_preferences, on_net]


@pytest.mark.parametrize("choose", BY_THEMSELVES)
@pytest.mark.parametrize("type", [socket.SOCK_STREAM, socket.SOCK_DGRAM])
def test_connect_of_sockets_that_have_chosen(assigned, type, choose):
    with open_socket(type) as client, tcp_server() as server, left_alone(assigned):
        choose(client)
        client.connect(server.getsockname())
        assert client.getsockname()[0] != ADDRESS


@pytest.mark.parametrize("choose", BY_THEMSELVES)
def test_datagrams_of_sockets_that_have_chosen(assigned, choose):
    with open_socket(socket.SOCK_DGRAM) as client, udp_server() as server, left_alone(assigned):
        choose(client)
        assert source_of_datagram(client, server) != ADDRESS


@pytest.mark.parametrize("type", [socket.SOCK_STREAM, socket.SOCK_DGRAM])
def test_connect_after_setsc(assigned, type):
    with open_socket(type) as client, tcp_server() as server, left_alone(assigned):
        assigned.tracked[cookie(client)] = cookie(client)
        client.connect(server.getsockname())
        assert client.getsockname()[0] == SERVER


def test_datagram_after_setsc(assigned):
    with open_socket(socket.SOCK_DGRAM) as client, udp_server() as server, left_alone(assigned):
        assigned.tracked[cookie(client)] = cookie(client)
        assert source_of_datagram(client, server) == SERVER


def test_message_that_says_where_it_comes_from(assigned):
    information = struct.pack("=16sI", IPv6Address(OTHER_ADDRESS).packed, 0)
    with open_socket(socket.SOCK_DGRAM) as client, udp_server() as server, left_alone(assigned):
        source = source_of_datagram(
            client, server, (socket.IPPROTO_IPV6, socket.IPV6_PKTINFO, information))
        assert source == OTHER_ADDRESS


@pytest.mark.parametrize("address, source", [("::1", "::1"), ("::", "::1"), ("::ffff:127.0.0.1", "::ffff:127.0.0.1"),
                                             ("fe80::9%lo", "fe80::9")])
def test_destinations_that_are_near(assigned, address, source):
    assigned.surroundings.namespace.ip("address add fe80::9/128 dev lo nodad")
    destination = socket.getaddrinfo(address, 0, socket.AF_INET6)[0][4]
    with open_socket(socket.SOCK_DGRAM) as server, left_alone(assigned):
        server.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        server.bind(("::", 0))
        server.settimeout(5)
        peer = (destination[0], server.getsockname()[1], 0, destination[3])
        with open_socket(socket.SOCK_DGRAM) as client:
            client.sendto(b"x", peer)
            assert server.recvfrom(1)[1][0] == source
        with open_socket(socket.SOCK_DGRAM) as client:
            client.connect(peer)
            assert client.getsockname()[0] == source


def test_multicast(assigned):
    assigned.surroundings.namespace.ip("route add table local multicast ff15::/16 dev lo")
    with open_socket(socket.SOCK_DGRAM) as client, left_alone(assigned):
        client.sendto(b"x", ("ff15::1", 9))
        client.connect(("ff15::1", 9))
        assert client.getsockname()[0] != ADDRESS


def test_raw_sockets(assigned):
    with open_socket(socket.SOCK_RAW, 253) as client, left_alone(assigned):
        client.connect((SERVER, 0))
        assert client.getsockname()[0] == SERVER


def test_sockets_of_the_kernel(assigned):
    """What MPTCP opens for its own use is not a program's, and its end would not be reported."""
    with open_socket(socket.SOCK_STREAM, IPPROTO_MPTCP) as client, left_alone(assigned):
        assert source_of_connection(client) == SERVER


def test_udplite(assigned):
    """The kernel asks about datagrams that go anywhere, and not at connect()."""
    with open_socket(socket.SOCK_DGRAM, IPPROTO_UDPLITE) as server:
        server.bind((SERVER, 0))
        server.settimeout(5)
        with open_socket(socket.SOCK_DGRAM, IPPROTO_UDPLITE) as client:
            assert source_of_datagram(client, server) == ADDRESS
    [report] = assigned.taken(GIVEN)
    assert report.protocol == IPPROTO_UDPLITE


# Calls never fail because of us

def test_address_that_is_not_there(assigned):
    """The report stays: the daemon counts the socket until it is closed."""
    assigned.set_address(SESSION_LASTING, "2001:db8:7::7")
    with open_socket() as client:
        assert source_of_connection(client) == SERVER
    assert [report.kind for report in assigned.reports.take()] == [GIVEN, CLOSED]


def fill_reports(hooks):
    """Until one is lost."""
    while hooks.state.lost == 0:
        with open_socket(socket.SOCK_DGRAM) as each:
            hooks.tracked[cookie(each)] = cookie(each)


def test_report_without_room(assigned):
    fill_reports(assigned)
    lost = assigned.state.lost
    with open_socket() as client, open_socket(socket.SOCK_DGRAM) as datagrams, udp_server() as server:
        assert source_of_connection(client) == SERVER
        assert source_of_datagram(datagrams, server) == SERVER
        assert assigned.state.lost == lost + 2
        assert assigned.tracked[cookie(client)] == assigned.tracked[cookie(datagrams)] == 0
        assigned.reports.take()
        assert source_of_datagram(datagrams, server) == ADDRESS, "it was not reported yet, and is now"
        assert [report.cookie for report in assigned.taken(GIVEN)] == [cookie(datagrams)]
