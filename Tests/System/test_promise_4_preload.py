"""Promise 4 for programs that are given addresses without knowing: what a call returns is what it would return, and
only the source address is another. And where the library has nothing to do, not even that."""

import contextlib
import errno
import ipaddress
import socket
import threading
import time

import pytest
import unaware as programs
from host import configuration, wait_until
from network import LEGACY_ADDRESS, PREFIX
from unaware import NOWHERE, Unaware, results, source_server, sources

#: Those whose source is given.
GIVEN = ["plain", "datagrams", "multipath", "nonblocking", "by_sendto", "by_sendmsg", "by_sendmmsg", "reused_number",
         "fast_open", "later_data", "any_port", "any_port_sendto", "reuse", "forked", "executed", "threads", "closed",
         "initialised", "restarted"]
#: Those that the library leaves alone.
LEFT_ALONE = ["bound_port", "chosen_port", "bound_address", "preferences", "packet_information", "stream_sendto",
              "elsewhere", "mistakes", "serve_stream", "serve_datagrams", "listen_only"]
#: Those that wait for an answer that does not come.
WAITING = ["cancelled", "interrupted", "limited"]


@pytest.fixture(scope="session")
def program(tmp_path_factory):
    return programs.build(tmp_path_factory.mktemp("unaware") / "unaware")


@pytest.fixture
def unaware(program, host, network):
    network.r.ip("route add blackhole 2001:db8:99::/48")
    with source_server(network.cn) as server, contextlib.closing(Unaware(program, host, server)) as unaware:
        yield unaware


def is_given(address):
    return ipaddress.ip_address(address) in PREFIX


@pytest.mark.parametrize("case", GIVEN)
def test_the_source_is_given_and_nothing_else_changes(unaware, case):
    without, given = unaware(case), unaware(case, "session-lasting")
    assert results(given) == results(without)
    assert set(sources(without)) == {LEGACY_ADDRESS}
    assert len(sources(given)) == len(sources(without))
    assert all(is_given(address) for address in sources(given))
    assert unaware.log == []


@pytest.mark.parametrize("case", LEFT_ALONE)
def test_what_is_left_alone(unaware, case):
    without, given = unaware(case), unaware(case, "session-lasting strict")
    assert given == without
    assert unaware.host.addresses == set(), "nothing was asked for"


@pytest.mark.parametrize("case", WAITING)
def test_waiting_ends_as_it_would(unaware, case):
    without, given = unaware(case, server=NOWHERE), unaware(case, "session-lasting", NOWHERE)
    assert results(given) == results(without)
    assert all(is_given(address) for address in sources(given))


@pytest.mark.parametrize("type", ["fixed", "session-lasting", "non-persistent"])
def test_the_type_is_that_of_the_wishes(unaware, type):
    unaware.host.daemon.configure(configuration(
        session_lasting="LingerSec=60", non_persistent="LingerSec=60", fixed="LingerSec=60"))
    unaware.host.daemon.reload()
    (source,) = sources(unaware("plain", type))
    rows = unaware.host.daemon.administer("addresses")["addresses"]
    assert [(row["address"], row["type"]) for row in rows] == [(source, type)]


def test_on_net_gives_each_socket_its_own(unaware):
    given = sources(unaware("reused_number", "session-lasting on-net"))
    assert len(set(given)) == 3


# Serving

@pytest.mark.parametrize("case", ["serve_stream", "serve_datagrams", "listen_only"])
def test_whoever_serves_waits_at_the_address(unaware, case):
    without, given = unaware(case), unaware(case, "fixed serve")
    assert results(given) == results(without)
    assert all(is_given(address) for address in sources(given))


# Without odmd

@pytest.mark.parametrize("case", GIVEN + WAITING)
def test_without_a_daemon_it_runs_as_before(unaware, case):
    unaware.host.daemon.kill()
    server = NOWHERE if case in WAITING else None
    assert unaware(case, "session-lasting", server) == unaware(case, server=server)
    if case not in ("executed", "forked"):  # each of two processes may say it
        assert [line.split(": ", 1)[1] for line in unaware.log] == [
            "no session-lasting address: odmd is not running; goes on with another"]


def test_a_refusal_is_logged_with_its_reason(unaware):
    unaware.host.daemon.configure(configuration(source="MaxAddresses=1") + "[Rule no]\nAction=deny\n")
    unaware.host.daemon.reload()
    assert sources(unaware("plain", "session-lasting")) == [LEGACY_ADDRESS]
    assert sources(unaware("plain", "graceful-replacement")) == [LEGACY_ADDRESS]
    first, second = unaware.log
    assert first.startswith("<12>unaware[") and first.endswith(
        "no session-lasting address: the policy denies it; goes on with another")
    assert second.endswith("no graceful-replacement address: the policy denies it; goes on with another")


def test_strict_fails_instead(unaware):
    unaware.host.daemon.kill()
    for case, call in [("plain", "connect"), ("by_sendto", "sendto"), ("by_sendmsg", "sendmsg"),
                       ("by_sendmmsg", "sendmmsg"), ("fast_open", "sendto")]:
        assert f"{call} -1 EADDRNOTAVAIL" in unaware(case, "session-lasting strict")
    assert "bind -1 EADDRNOTAVAIL" in unaware("serve_stream", "fixed serve strict")
    assert "listen -1 EADDRNOTAVAIL" in unaware("listen_only", "fixed serve strict")
    assert all(line.endswith("odmd is not running; the call fails") for line in unaware.log)


@pytest.mark.parametrize("wishes", ["", "lasting", "fixed always", "serve", "fixed,strict"])
def test_wishes_that_make_no_sense_are_logged_and_not_heeded(unaware, wishes):
    assert unaware("plain", wishes) == unaware("plain")
    assert [line.split(": ", 1)[1] for line in unaware.log] == [f'ODM_RUN="{wishes}" makes no sense; left unheeded']


# A daemon that does not answer

@pytest.fixture
def mute(unaware):
    """It takes connections and requests, and says nothing."""
    path = unaware.host.daemon.directory / "mute"
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listener:
        listener.bind(str(path))
        listener.listen(64)
        unaware.daemon_socket = path
        yield listener


@pytest.mark.parametrize("case", ["nonblocking", "interrupted", "limited"])
def test_nobody_waits_for_longer_than_his_socket_does(unaware, mute, case):
    server = None if case == "nonblocking" else NOWHERE
    assert unaware(case, "session-lasting", server) == unaware(case, server=server)


def test_a_signal_ends_the_waiting_of_a_strict_program_too(unaware, mute):
    lines = unaware("interrupted", "session-lasting strict", NOWHERE)
    assert lines[0] == "connect -1 EINTR"


@pytest.mark.parametrize("case", ["plain", "restarted"])
def test_a_daemon_that_ends_meanwhile(unaware, mute, case):
    def hang_up():
        with mute.accept()[0]:
            time.sleep(0.3)
    thread = threading.Thread(target=hang_up)
    thread.start()
    assert unaware(case, "session-lasting") == unaware(case)
    thread.join()
    assert [line.split(": ", 1)[1] for line in unaware.log] == [
        f"no session-lasting address: {errno.errorcode[errno.ECONNRESET]}; goes on with another"]


def test_the_address_goes_with_the_program(unaware):
    assert is_given(sources(unaware("plain", "session-lasting"))[0])
    wait_until(lambda: unaware.host.addresses == set(), "the address is gone")
