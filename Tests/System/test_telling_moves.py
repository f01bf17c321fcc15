"""What is told of a move, beside what test_moving has: to C programs, at the end, and when there is none after all."""

import pytest
from host import A_WHILE
from setsc_client import DEPRECATED, GRACEFUL_REPLACEMENT, NO_END, NON_PERSISTENT, REMOVED, REPLACED, RESTORED
from test_moving import all_types, is_of, network, roaming_host  # noqa: F401


@pytest.fixture
def host(roaming_host):  # noqa: F811
    return roaming_host(all_types())


def test_a_c_program_is_told(network, host, session):  # noqa: F811
    address, _ = session(str(GRACEFUL_REPLACEMENT), "watch")
    assert session.process.stdout.readline() == "watching\n"
    network.move()
    told = [session.process.stdout.readline().split() for _ in range(3)]
    assert [(what, of) for what, of, _ in told] \
        == [("deprecated", address), ("replaced", address), ("removed", address)]
    assert told[0][2] == "::" and is_of(network.router, told[1][2])


def test_a_non_persistent_socket_is_told_before_it_is_ended(network, host):  # noqa: F811
    sock, address = host.socket_with_address(NON_PERSISTENT)
    with host.watch(sock) as watching:
        network.move()
        told = [watching.next(), watching.next()]
        assert [(event.what, event.address) for event in told] == [(REPLACED, address), (REMOVED, address)]
        assert all(is_of(network.router, event.replacement) for event in told)
        sock.close()
        assert watching.next() is None


def test_a_restored_address_has_no_end(network, host):  # noqa: F811
    sock, address = host.socket_with_address(GRACEFUL_REPLACEMENT)
    with host.watch(sock) as watching:
        network.move()
        assert watching.next().what == DEPRECATED
        network.move()
        while (event := watching.next()).what != RESTORED:
            assert event.what == REPLACED
        assert (event.address, event.milliseconds) == (address, NO_END)
    with host.watch(sock) as watching:
        assert watching.is_quiet(A_WHILE), "nothing is left to be told"
