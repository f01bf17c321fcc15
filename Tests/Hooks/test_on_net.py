"""IPV6_REQUIRE_SRC_ON_NET is a flag like others of IPV6_ADDR_PREFERENCES, and every other option is as it was."""

import ctypes
import errno
import os
import socket
import struct
import subprocess

import pytest

from kernel_maps import libc
from sockets import IPPROTO_MPTCP, open_socket, tcp_server

IPV6_ADDR_PREFERENCES = 72
ON_NET = 0x10000
TMP, PUBLIC, DEFAULT, COA, HOME, CGA, NONCGA = 1, 2, 0x100, 4, 0x400, 8, 0x800


def set_preferences(opened, value):
    opened.setsockopt(socket.IPPROTO_IPV6, IPV6_ADDR_PREFERENCES, value)


def preferences(opened):
    return opened.getsockopt(socket.IPPROTO_IPV6, IPV6_ADDR_PREFERENCES)


def is_on_net(opened):
    return bool(preferences(opened) & ON_NET)


@pytest.fixture
def udp(hooks):
    with open_socket(socket.SOCK_DGRAM) as udp:
        yield udp


def test_set_and_cleared(udp):
    before = preferences(udp)
    assert not before & ON_NET
    set_preferences(udp, ON_NET)
    assert preferences(udp) == before | ON_NET
    set_preferences(udp, PUBLIC)
    assert preferences(udp) & (ON_NET | PUBLIC) == PUBLIC
    set_preferences(udp, ON_NET | TMP)
    assert preferences(udp) & (ON_NET | TMP | PUBLIC) == ON_NET | TMP
    set_preferences(udp, 0)
    assert preferences(udp) == before


@pytest.mark.parametrize("octets", range(1, 9))
def test_value_shorter_or_longer_than_wanted(udp, octets):
    set_preferences(udp, ON_NET | TMP)
    whole = struct.pack("=i", preferences(udp))
    assert udp.getsockopt(socket.IPPROTO_IPV6, IPV6_ADDR_PREFERENCES, octets) == whole[:octets]


@pytest.mark.parametrize("flags", [TMP | PUBLIC, TMP | DEFAULT, PUBLIC | DEFAULT, HOME | COA, CGA | NONCGA])
def test_contradictions_are_refused(udp, flags):
    set_preferences(udp, ON_NET)
    before = preferences(udp)
    for value in (flags, flags | ON_NET):
        with pytest.raises(OSError) as refusal:
            set_preferences(udp, value)
        assert refusal.value.errno == errno.EINVAL
        assert preferences(udp) == before


@pytest.mark.parametrize("octets", [b"", b"\0", b"\0\0\1", b"\1\0\1"])
def test_short_values_are_refused(udp, octets):
    with pytest.raises(OSError) as refusal:
        set_preferences(udp, octets)
    assert refusal.value.errno == errno.EINVAL
    assert not is_on_net(udp)


def test_longer_values_count_by_their_first_octets(udp):
    for value in (ON_NET, 0, ON_NET):
        set_preferences(udp, struct.pack("=i", value) + bytes(12))
        assert is_on_net(udp) == bool(value)


def test_value_longer_than_a_page(udp):
    set_preferences(udp, struct.pack("=i", ON_NET) + bytes(9000))
    assert is_on_net(udp)
    assert read_long(udp, IPV6_ADDR_PREFERENCES) == struct.pack("=i", preferences(udp))


def read_long(opened, option):
    """Like getsockopt() with room for more than a page, which Python does not offer."""
    buffer, size = ctypes.create_string_buffer(9000), ctypes.c_uint32(9000)
    result = libc.getsockopt(opened.fileno(), socket.IPPROTO_IPV6, option, buffer, ctypes.byref(size))
    assert result == 0, os.strerror(ctypes.get_errno())
    return buffer.raw[:size.value]


MCAST_MSFILTER = 48


def source_filter(sources):
    """struct group_filter: what is received of a group, on the loopback interface, and from whom."""
    storage = "HHI16sI100x"
    addresses = [struct.pack(storage, socket.AF_INET6, 0, 0, socket.inet_pton(socket.AF_INET6, text), 0)
                 for text in ["ff15::1", *sources]]
    header = struct.pack("=I4x", socket.if_nametoindex("lo"))
    return header + addresses[0] + struct.pack("=II", 1, len(sources)) + b"".join(addresses[1:])


def test_other_options_longer_than_a_page(udp):
    """The kernel must read them whole: with the end cut off, the filter would have fewer sources than it says."""
    join = struct.pack("=16sI", socket.inet_pton(socket.AF_INET6, "ff15::1"), socket.if_nametoindex("lo"))
    udp.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_JOIN_GROUP, join)
    value = source_filter([f"2001:db8::{number:x}" for number in range(1, 60)])
    assert len(value) > 4096
    udp.setsockopt(socket.IPPROTO_IPV6, MCAST_MSFILTER, value)
    assert read_long(udp, socket.IPV6_RECVPKTINFO) == bytes(4)


def test_sockets_of_ipv4_refuse_it(hooks):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as each, pytest.raises(OSError) as refusal:
        set_preferences(each, ON_NET)
    assert refusal.value.errno in (errno.ENOPROTOOPT, errno.EOPNOTSUPP)


def test_mptcp_refuses_it_as_before(hooks):
    with open_socket(socket.SOCK_STREAM, IPPROTO_MPTCP) as each:
        with pytest.raises(OSError) as refusal:
            set_preferences(each, ON_NET)
        assert refusal.value.errno in (errno.ENOPROTOOPT, errno.EOPNOTSUPP)


def test_copies_and_forks_share_it(udp):
    copy = udp.dup()
    set_preferences(copy, ON_NET)
    assert is_on_net(udp)
    child = os.fork()
    if child == 0:
        set_preferences(udp, 0)
        os._exit(0)
    os.waitpid(child, 0)
    assert not is_on_net(copy)
    copy.close()


def test_passed_socket_has_it(udp):
    set_preferences(udp, ON_NET)
    left, right = socket.socketpair(socket.AF_UNIX)
    with left, right:
        socket.send_fds(left, [b"x"], [udp.fileno()])
        _, descriptors, _, _ = socket.recv_fds(right, 1, 1)
    with socket.socket(fileno=descriptors[0]) as passed:
        assert is_on_net(passed)


@pytest.mark.parametrize("wanted", [0, ON_NET])
def test_accepted_socket_inherits_it(hooks, wanted):
    with tcp_server() as listener, open_socket() as client:
        set_preferences(listener, wanted)
        client.connect(listener.getsockname())
        with listener.accept()[0] as child:
            assert is_on_net(child) == bool(wanted)
            set_preferences(child, ON_NET ^ wanted)
            assert is_on_net(listener) == bool(wanted), "from then on each has its own"


def test_static_program(hooks, static_client):
    done = subprocess.run([static_client, "on-net"], text=True, capture_output=True)
    assert done.stdout == "0 0x10000\n", done.stderr
