"""What those who watch a socket, and administrators, are told when the host moves."""

import json
import os
import socket as sockets
import subprocess

import pytest
from daemon import ROOT
from host import A_WHILE, finish, wait_until
from roaming import SERVER
from setsc_client import (DEPRECATED, GRACEFUL_REPLACEMENT, NO_END, NON_PERSISTENT, REMOVED, REPLACED, RESTORED,
                          SESSION_LASTING)
from test_moving import GRACE_SECONDS, all_types, is_of, network, roaming_host  # noqa: F401


@pytest.fixture
def host(roaming_host):  # noqa: F811
    return roaming_host(all_types())


def test_a_graceful_socket_is_told_what_comes_instead(network, host):  # noqa: F811
    sock, address = host.socket_with_address(GRACEFUL_REPLACEMENT)
    anchored, _ = host.socket_with_address(SESSION_LASTING)
    with host.watch(sock) as watching, host.watch(anchored) as of_anchored:
        network.move()
        deprecated, replaced = watching.next(), watching.next()
        assert (deprecated.what, deprecated.type, deprecated.address) == (DEPRECATED, GRACEFUL_REPLACEMENT, address)
        assert 0 < deprecated.milliseconds <= GRACE_SECONDS * 1000
        assert (replaced.what, replaced.address) == (REPLACED, address)
        assert is_of(network.router, replaced.replacement)
        assert replaced.milliseconds <= deprecated.milliseconds
        new, given = host.socket_with_address(GRACEFUL_REPLACEMENT)
        assert given == replaced.replacement
        with host.watch(sock) as late:
            first = late.next()
            assert (first.what, first.replacement) == (REPLACED, given), "what has happened comes first"
            for each in (watching, late):
                removed = each.next()
                assert (removed.what, removed.address, removed.milliseconds) == (REMOVED, address, 0)
        assert of_anchored.is_quiet(0), "what moves with the host is not talked about"


def test_a_c_program_is_told(network, host, session):  # noqa: F811
    address, _ = session(str(GRACEFUL_REPLACEMENT), "watch")
    network.move()
    told = [session.process.stdout.readline().split() for _ in range(3)]
    assert [(what, of) for what, of, _ in told] \
        == [("deprecated", address), ("replaced", address), ("removed", address)]
    assert told[0][2] == "::" and is_of(network.router, told[1][2])


def test_the_example_goes_on_from_the_next_address(network, host, installed):  # noqa: F811
    program = installed / "follow_moves"
    subprocess.run(["cc", "-std=gnu99", "-Wall", "-Wextra", "-Werror", f"-I{installed}/include", "-o", program,
                    ROOT / "examples/follow_moves.c", installed / "lib/libodm.a"], check=True)
    with network.cn, sockets.socket(sockets.AF_INET6, sockets.SOCK_DGRAM) as server:
        server.bind((SERVER, 0))
        server.settimeout(5)
        example = host.namespace.start(
            str(program), SERVER, str(server.getsockname()[1]), stdout=subprocess.PIPE, text=True,
            env=os.environ | {"ODM_SOCKET": str(host.daemon.setsc_socket)})
        try:
            for _ in range(3):
                wait_until(lambda: is_of(network.router, server.recvfrom(100)[1][0]), "it is heard from this network")
                network.move()
            said = [example.stdout.readline().split() for _ in range(7)]
        finally:
            finish(example)
    assert [" ".join(word for word in line if ":" not in word) for line in said] == ["on", "ends"] * 3 + ["on"]


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


def test_an_administrator_sees_the_move(network, host):  # noqa: F811
    sock, address = host.socket_with_address(GRACEFUL_REPLACEMENT)
    (before,) = host.daemon.administer("status")["networks"]
    assert before["interface"] == "up0" and before["router"] == network.router.link_local
    descriptors = host.daemon.descriptors
    with host.namespace:
        monitor = subprocess.Popen(host.daemon.odmctl_command("monitor", "--json"), text=True, stdout=subprocess.PIPE)
    try:
        wait_until(lambda: host.daemon.descriptors > descriptors, "the monitor is connected")
        network.move()
        events = [json.loads(monitor.stdout.readline()) for _ in range(3)]
    finally:
        monitor.kill()
        monitor.communicate()
    assert [event["change"] for event in events] == ["deprecated", "replaced", "removed"]
    assert {event["address"] for event in events} == {address}
    assert is_of(network.router, events[1]["replacement"])
    assert 0 < events[0]["ends_in_milliseconds"] <= GRACE_SECONDS * 1000 and events[2]["ends_in_milliseconds"] == 0
    (after,) = host.daemon.administer("status")["networks"]
    assert after["router"] == network.router.link_local != before["router"]
    assert after["age_seconds"] <= 10 and str(network.router.prefix) in after["prefixes"]
