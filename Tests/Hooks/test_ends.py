"""The ends of sockets are reported: once, when the last descriptor goes, for those that are tracked."""

import array
import os
import socket

import pytest

from kernel_maps import CLOSED, TRACKED_ANY, TRACKED_PLACES
from sockets import IPPROTO_MPTCP, IPPROTO_UDPLITE, cookie, open_socket, tcp_server

PROTOCOLS = {
    "tcp": (socket.SOCK_STREAM, 0),
    "udp": (socket.SOCK_DGRAM, 0),
    "udplite": (socket.SOCK_DGRAM, IPPROTO_UDPLITE),
    "raw": (socket.SOCK_RAW, 253),
    "ping": (socket.SOCK_DGRAM, socket.IPPROTO_ICMPV6),
    "mptcp": (socket.SOCK_STREAM, IPPROTO_MPTCP),
    "sctp": (socket.SOCK_STREAM, socket.IPPROTO_SCTP),
}


def opened(name):
    try:
        return open_socket(*PROTOCOLS[name])
    except OSError as error:
        pytest.skip(f"this kernel opens no {name} socket: {error}")


def tracked(hooks, new):
    hooks.tracked[cookie(new)] = cookie(new)
    return cookie(new)


def closed(hooks):
    return [report.cookie for report in hooks.taken(CLOSED)]


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_each_protocol(hooks, protocol):
    with opened(protocol), opened(protocol) as other:
        number = tracked(hooks, other)
        assert closed(hooks) == []
    assert closed(hooks) == [number], "once, and only the tracked one"
    assert hooks.tracked[number] == 0, "the mark goes with the socket"


def test_a_place_that_counts_for_any(hooks):
    with open_socket() as each:
        number = cookie(each)
        hooks.tracked[number] = TRACKED_ANY
    assert closed(hooks) == [number]
    assert hooks.tracked[number] == TRACKED_ANY


def test_another_cookie_at_the_place(hooks):
    with open_socket() as each:
        number = cookie(each)
        hooks.tracked[number] = number + TRACKED_PLACES
    assert closed(hooks) == []
    assert hooks.tracked[number] == number + TRACKED_PLACES


def test_other_families_are_nobodys_business(hooks):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as each:
        tracked(hooks, each)
    assert closed(hooks) == []


def test_copies(hooks):
    first = open_socket()
    number = tracked(hooks, first)
    second = first.dup()
    first.close()
    assert closed(hooks) == []
    second.close()
    assert closed(hooks) == [number]


def test_forked_process(hooks):
    first = open_socket()
    number = tracked(hooks, first)
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(writer)
        os.read(reader, 1)
        os._exit(0)
    os.close(reader)
    first.close()
    assert closed(hooks) == []
    os.close(writer)
    os.waitpid(child, 0)
    assert closed(hooks) == [number]


def test_passed_socket(hooks):
    """While the message waits, the socket is open."""
    first = open_socket()
    number = tracked(hooks, first)
    left, right = socket.socketpair(socket.AF_UNIX)
    left.sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [first.fileno()]))])
    first.close()
    assert closed(hooks) == []
    _, descriptors, _, _ = socket.recv_fds(right, 1, 1)
    assert closed(hooks) == []
    os.close(descriptors[0])
    assert closed(hooks) == [number]
    left.close()
    right.close()


def test_accepted_socket(hooks):
    with tcp_server() as listener, open_socket() as client:
        client.connect(listener.getsockname())
        child, _ = listener.accept()
        number = tracked(hooks, child)
        child.close()
        assert closed(hooks) == [number]
    assert closed(hooks) == []


def test_reports_without_room(hooks):
    """Each takes 24 octets, and one less fits than there is room for: the counter says how many did not."""
    number = 0
    count = (1 << 23) // 24 + 10
    for _ in range(count):
        with open_socket(socket.SOCK_DGRAM) as each:
            number = cookie(each)
            hooks.tracked[number] = number
    lost = hooks.state.lost
    assert lost >= 10
    assert len(closed(hooks)) == count - lost
    with open_socket() as each:
        number = tracked(hooks, each)
    assert closed(hooks) == [number], "it goes on when there is room again"
