"""What a socket is given, by its type and by how the type is shared."""

import ipaddress
import socket

import pytest
from host import configuration
from network import PREFIX
from setsc_client import (FIXED, GRACEFUL_REPLACEMENT, NON_PERSISTENT, ON_BEHALF, SESSION_LASTING, Refused,
                          request)


def subnet(address):
    return ipaddress.IPv6Network((address, 64), strict=False)


@pytest.mark.parametrize("type", [FIXED, SESSION_LASTING, NON_PERSISTENT])
@pytest.mark.parametrize("kind", [socket.SOCK_STREAM, socket.SOCK_DGRAM])
def test_a_static_source_gives_each_of_its_types(host, type, kind):
    sock, address = host.socket_with_address(type, kind)
    assert ipaddress.ip_address(address) in PREFIX
    assert address in host.addresses
    assert sock.getsockname()[0] == address
    assert host.getsc(sock) == (address, type)


def test_a_type_without_a_source_is_not_supported(host):
    reply = host.ask(request(GRACEFUL_REPLACEMENT), host.socket())
    assert reply.refusal == ("NOT_SUPPORTED", "ENOTSUP")


@pytest.mark.parametrize("type", [0, 5, 6, 7])
def test_reserved_types_are_the_callers_mistake(host, type):
    assert host.ask(request(type), host.socket()).refusal == ("CALLER_ERROR", "EINVAL")


def test_types_have_addresses_of_their_own(host):
    sock = host.socket()
    given = [host.setsc(sock, type) for type in (FIXED, SESSION_LASTING, NON_PERSISTENT)]
    assert len({subnet(address) for address in given}) == 3
    assert set(given) <= host.addresses
    assert host.getsc(sock) == (given[-1], NON_PERSISTENT), "getsc says what was given last"


def test_getsc_of_a_socket_that_was_given_nothing(host):
    with pytest.raises(Refused) as refused:
        host.getsc(host.socket())
    assert refused.value.reply.refusal == ("CALLER_ERROR", "ENOENT")


def test_the_address_stands_on_the_loopback_and_is_nobodys_default(host):
    _, address = host.socket_with_address()
    (info,) = [info for link in host.namespace.ip_json("addr", "show", "dev", "lo")
               for info in link["addr_info"] if info["local"] == address]
    assert info["prefixlen"] == 128
    assert info["preferred_life_time"] == 0, "RFC 6724 avoids deprecated addresses"
    assert info.get("noprefixroute") and info.get("nodad")


def test_share_host_gives_everybody_the_same(host):
    first, second = host.socket_with_address()[1], host.socket_with_address(kind=socket.SOCK_DGRAM)[1]
    assert first == second
    assert len(host.addresses) == 1


def test_share_socket_gives_each_socket_its_own(configured_host):
    host = configured_host(configuration(session_lasting="Share=socket\nLingerSec=0"))
    given = [host.socket_with_address()[1] for _ in range(3)]
    assert len(set(given)) == 3 == len(host.addresses)
    again = host.socket()
    assert host.setsc(again) == host.setsc(again), "asking twice gives the same"


def test_share_user_gives_each_user_one(configured_host):
    host = configured_host(configuration(session_lasting="Share=user\nLingerSec=0"))
    of_root = [host.socket_with_address()[1] for _ in range(2)]
    of_others = []
    for user in (4001, 4002, 4001):
        of_others.append(host.application(user=user)[1])
    assert of_root[0] == of_root[1]
    assert of_others[0] == of_others[2]
    assert len({of_root[0], *of_others}) == 3


def test_on_net_gives_a_new_address_from_a_new_prefix(host):
    _, ordinary = host.socket_with_address()
    given = [host.socket_with_address(on_net=True)[1] for _ in range(2)]
    assert len({subnet(address) for address in [ordinary, *given]}) == 3
    assert host.socket_with_address()[1] == ordinary, "without ON_NET the shared one is given on"


def test_a_fixed_address_is_the_same_after_everything_was_forgotten(configured_host):
    host = configured_host(configuration(fixed="LingerSec=0"))
    sock, address = host.socket_with_address(FIXED)
    sock.close()
    host.wait_until_gone(address)
    host.daemon.restart()
    assert host.socket_with_address(FIXED)[1] == address


def test_other_types_get_a_new_address_each_time(host):
    sock, address = host.socket_with_address()
    sock.close()
    host.wait_until_gone(address)
    assert host.socket_with_address()[1] != address


def test_the_server_sees_the_address(host, server):
    sock, address = host.socket_with_address()
    assert host.peer_seen_by_server(sock, server) == address


def test_who_has_asked_itself_gets_nothing_on_its_behalf(host):
    sock, address = host.socket_with_address()
    reply = host.ask(request(NON_PERSISTENT, flags=ON_BEHALF), sock)
    assert reply.refusal == ("CALLER_ERROR", "EALREADY")
    assert host.getsc(sock) == (address, SESSION_LASTING)
    assert host.ask(request(SESSION_LASTING, flags=ON_BEHALF), host.socket()).address == address
