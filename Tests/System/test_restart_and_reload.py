"""What a new start and a new configuration change. (That addresses stay is promise 1.)"""

import socket

import pytest
from host import configuration, wait_until
from setsc_client import GRACEFUL_REPLACEMENT, SESSION_LASTING, Refused


def test_readiness_is_told_with_a_status(stopped_host):
    stopped_host.daemon.launch()
    lines = stopped_host.daemon.wait_for_notice("READY=1")
    assert any(line.startswith("STATUS=") for line in lines)


@pytest.mark.parametrize("end", ["stop", "kill"])
def test_used_stays_and_unused_goes(configured_host, end):
    host = configured_host(configuration(session_lasting="LingerSec=1h", fixed="LingerSec=1h"))
    used_socket, used = host.socket_with_address()
    unused_socket, unused = host.socket_with_address(on_net=True)
    getattr(host.daemon, end)()
    unused_socket.close()
    host.daemon.configure(configuration())
    host.daemon.start()
    host.wait_until_gone(unused)
    assert used in host.addresses
    rows = host.daemon.administer("addresses")["addresses"]
    assert [(row["address"], row["type"], row["state"], row["source"]) for row in rows] \
        == [(used, "session-lasting", "active", "home")]
    assert len(host.daemon.administer("sockets")["sockets"]) == 1
    used_socket.close()
    host.assert_nothing_left()


def test_type_and_transport_are_known_after_a_restart(host):
    sock, address = host.socket_with_address(3, socket.SOCK_DGRAM)
    host.daemon.kill()
    host.daemon.start()
    (row,) = host.daemon.administer("sockets")["sockets"]
    assert (row["address"], row["type"], row["transport"]) == (address, "non-persistent", 17)
    sock.close()


def test_ten_restarts_in_a_row(host):
    sock, address = host.socket_with_address()
    for _ in range(10):
        host.daemon.kill()
        host.daemon.start()
    assert host.addresses == {address}
    sock.close()
    host.assert_nothing_left()


def test_a_kill_in_the_middle_of_requests(host):
    """Whatever the daemon was doing, the next one finds its way."""
    import contextlib
    import threading

    def hammer():
        with contextlib.suppress(OSError, Refused, AssertionError):
            while True:
                sock = host.socket()
                host.setsc(sock, on_net=True)
                sock.close()

    for _ in range(5):
        clients = [threading.Thread(target=hammer) for _ in range(3)]
        for client in clients:
            client.start()
        import time
        time.sleep(0.05)
        host.daemon.kill()
        for client in clients:
            client.join()
        host.daemon.start()
    host._open.close()
    host.assert_nothing_left()


def test_reload_takes_a_good_configuration(host):
    with pytest.raises(Refused):
        host.setsc(host.socket(), GRACEFUL_REPLACEMENT)
    host.daemon.configure(configuration(types="session-lasting graceful-replacement"))
    host.daemon.reload()
    assert host.setsc(host.socket(), GRACEFUL_REPLACEMENT) in host.addresses


def test_reload_tells_systemd(host):
    host.daemon.process.send_signal(1)
    lines = host.daemon.wait_for_notice("RELOADING=1")
    assert any(line.startswith("MONOTONIC_USEC=") for line in lines)
    host.daemon.wait_for_notice("READY=1")


def test_reload_keeps_the_old_configuration_when_the_new_one_is_bad(host):
    sock, address = host.socket_with_address()
    host.daemon.configure(configuration(daemon="RequestTimeoutSec=soon"))
    host.daemon.reload()
    assert f"{host.daemon.configuration_file}:2: " in host.daemon.log
    assert "RequestTimeoutSec" in host.daemon.log
    assert host.setsc(host.socket()) == address


def test_reload_shortens_lingering(configured_host):
    host = configured_host(configuration(session_lasting="LingerSec=1h"))
    sock, address = host.socket_with_address()
    sock.close()
    wait_until(lambda: host.daemon.administer("sockets")["sockets"] == [], "the socket is gone")
    host.daemon.configure(configuration())
    host.daemon.reload()
    host.wait_until_gone(address)


def test_reload_without_the_source(host):
    sock, address = host.socket_with_address()
    host.daemon.configure(configuration(types="fixed"))
    host.daemon.reload()
    with pytest.raises(Refused) as refused:
        host.setsc(host.socket(), SESSION_LASTING)
    assert refused.value.reply.refusal == ("NOT_SUPPORTED", "ENOTSUP")
    assert address in host.addresses
    sock.close()
    host.wait_until_gone(address)
