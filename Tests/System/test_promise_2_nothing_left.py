"""Promise 2: an address that nobody uses goes away after its linger time, and nothing is left behind."""

import signal
import time

import pytest
from host import configuration, wait_until
from network import LINGERING_SECONDS
from setsc_client import FIXED


def test_it_lingers_and_goes(configured_host):
    host = configured_host(configuration(session_lasting=f"LingerSec={LINGERING_SECONDS}"))
    sock, address = host.socket_with_address()
    closed = time.monotonic()
    sock.close()
    wait_until(lambda: host.daemon.administer("addresses")["addresses"][0]["state"] == "lingering",
               "it lingers")
    assert address in host.addresses
    host.wait_until_gone(address)
    assert LINGERING_SECONDS <= time.monotonic() - closed < LINGERING_SECONDS + 0.5
    host.assert_nothing_left()


def test_a_new_user_ends_the_lingering(configured_host):
    host = configured_host(configuration(session_lasting=f"LingerSec={LINGERING_SECONDS}"))
    sock, address = host.socket_with_address()
    sock.close()
    assert host.socket_with_address()[1] == address
    time.sleep(LINGERING_SECONDS + 0.3)
    assert address in host.addresses


def test_a_fixed_address_stays_without_a_user(host):
    sock, address = host.socket_with_address(FIXED)
    sock.close()
    time.sleep(0.3)
    assert address in host.addresses


@pytest.mark.parametrize("kind", ["bound", "unbound", "listening", "udp"])
def test_after_an_application_is_killed(host, kind):
    process, address = host.application(kind)
    assert address in host.addresses
    process.send_signal(signal.SIGKILL)
    host.wait_until_gone(address)
    host.assert_nothing_left()


def test_after_the_daemon_is_killed_and_its_sockets_close_meanwhile(host):
    given = [host.socket_with_address(on_net=True) for _ in range(3)]
    host.daemon.kill()
    for sock, address in given:
        assert address in host.addresses
        sock.close()
    host.daemon.start()
    host.assert_nothing_left()


def test_an_orderly_stop_removes_what_only_lingers(configured_host):
    host = configured_host(configuration(session_lasting="LingerSec=1h"))
    sock, address = host.socket_with_address()
    sock.close()
    wait_until(lambda: host.daemon.administer("sockets")["sockets"] == [], "the socket is gone")
    assert address in host.addresses
    assert host.daemon.stop() == 0
    assert not host.addresses and not host.rules and not host.routes()


def test_a_client_that_goes_away_before_its_answer(host):
    """Whether the answer was on its way or not, the socket's end frees the address."""
    import setsc_client
    for _ in range(50):
        sock = host.socket()
        connection = setsc_client.connect(host.daemon.setsc_socket)
        setsc_client.send(connection, setsc_client.request(2, flags=setsc_client.ON_NET), [sock])
        connection.close()
        sock.close()
    host.socket_with_address()[0].close()
    host.assert_nothing_left()


def test_the_daemon_keeps_no_copy_of_a_socket(host):
    before = host.daemon.descriptors
    given = [host.socket_with_address()[0] for _ in range(20)]
    # The subscription to socket deaths is the one descriptor that users cost.
    assert host.daemon.descriptors <= before + 1
    del given


def test_connections_in_time_wait_hold_nothing_for_ever(host, server):
    """The side that closes first leaves a TIME-WAIT entry, which is no socket."""
    sock, address = host.socket_with_address()
    assert host.peer_seen_by_server(sock, server) == address
    sock.close()
    host.wait_until_gone(address)
    host.assert_nothing_left()
