"""On a link with neighbours an address is checked for duplicates (DAD, RFC 4862) before it is given away."""

import socket
import time

import pytest
import setsc_client
from defender import Defender
from host import configuration, wait_until
from setsc_client import SESSION_LASTING, request

ON_LINK = "2001:db8:1::/64"
DAD_SECONDS = 1


@pytest.fixture
def shared_link(configured_host):
    """Call it with keys of [Daemon] for a host with its source on the link, where DAD is done."""
    def start(daemon=""):
        text = configuration(source="Place=interface", daemon=daemon)
        host = configured_host(text.replace("2001:db8:a::/56", ON_LINK))
        host.namespace.set_sysctl("net/ipv6/conf/up0/accept_dad", 1)
        return host
    return start


def on_uplink(host):
    """Addresses of the daemon's on the link."""
    return {info["local"] for link in host.namespace.ip_json("addr", "show", "dev", "up0")
            for info in link["addr_info"] if info["prefixlen"] == 128}


def test_the_answer_waits_for_the_end_of_the_detection(shared_link):
    host = shared_link()
    began = time.monotonic()
    sock, address = host.socket_with_address()  # binds, which a tentative address does not allow
    assert DAD_SECONDS <= time.monotonic() - began < 2 * DAD_SECONDS + 1
    assert on_uplink(host) == {address}
    sock.close()
    wait_until(lambda: not on_uplink(host), "it is gone")


def test_requests_share_one_detection(shared_link):
    host = shared_link()
    clients = [setsc_client.connect(host.daemon.setsc_socket) for _ in range(5)]
    for client in clients:
        setsc_client.send(client, request(SESSION_LASTING), [host.socket()])
    assert len({setsc_client.receive(client).address for client in clients}) == 1


def test_waiting_requests_delay_nobody(shared_link):
    host = shared_link()
    with setsc_client.connect(host.daemon.setsc_socket) as client:
        setsc_client.send(client, request(SESSION_LASTING), [host.socket()])
        began = time.monotonic()
        assert host.ask(request(0), host.socket()).refusal == ("CALLER_ERROR", "EINVAL")
        host.daemon.administer("status")
        assert time.monotonic() - began < DAD_SECONDS / 2


def test_the_deadline_of_a_request(shared_link):
    host = shared_link(daemon="RequestTimeoutSec=200ms")
    began = time.monotonic()
    sock = host.socket()
    assert host.ask(request(SESSION_LASTING), sock).refusal == ("FAILED", "ETIMEDOUT")
    assert 0.2 <= time.monotonic() - began < 0.5
    sock.close()
    wait_until(lambda: not on_uplink(host), "the address that came too late goes")


@pytest.mark.parametrize("end", ["client", "socket"])
def test_a_request_that_nobody_waits_for_any_more(shared_link, end):
    host = shared_link()
    client, sock = setsc_client.connect(host.daemon.setsc_socket), host.socket()
    setsc_client.send(client, request(SESSION_LASTING), [sock])
    wait_until(lambda: on_uplink(host), "the detection goes on")
    if end == "client":
        client.close()
    sock.close()
    wait_until(lambda: not on_uplink(host), "the address goes")
    wait_until(lambda: host.daemon.administer("addresses")["addresses"] == [], "and is forgotten")


def test_a_restart_in_the_middle(shared_link):
    host = shared_link()
    with setsc_client.connect(host.daemon.setsc_socket) as client:
        setsc_client.send(client, request(SESSION_LASTING), [host.socket()])
        wait_until(lambda: on_uplink(host), "the detection goes on")
        host.daemon.kill()
    host.daemon.start()
    sock, address = host.socket_with_address()
    assert address in on_uplink(host)
    sock.close()
    wait_until(lambda: not on_uplink(host), "nothing is left")


def test_a_duplicate_gets_another_identifier(shared_link):
    host = shared_link()
    defender = Defender(host.network.r, defended=1)
    defender.start()
    sock, address = host.socket_with_address()
    assert len(defender.targets) == 1
    assert socket.inet_pton(socket.AF_INET6, address) not in defender.targets
    assert on_uplink(host) == {address}, "the duplicate is gone"


def test_a_neighbour_that_has_everything(shared_link):
    host = shared_link()
    defender = Defender(host.network.r, defended=100)
    defender.start()
    assert host.ask(request(SESSION_LASTING), host.socket()).refusal == ("FAILED", "EADDRNOTAVAIL")
    assert len(defender.targets) == 3, "three identifiers are tried (RFC 7217, IDGEN_RETRIES)"
    wait_until(lambda: not on_uplink(host), "none is left")


def flap_carrier(host):
    host.network.r.ip("link set mn0 down")
    wait_until(lambda: "NO-CARRIER" in host.namespace.ip_json("link", "show", "up0")[0]["flags"], "no carrier")
    host.network.r.ip("link set mn0 up")
    wait_until(lambda: "NO-CARRIER" not in host.namespace.ip_json("link", "show", "up0")[0]["flags"], "carrier")


def test_the_carrier_goes_and_comes_back(shared_link):
    """The kernel detects again. Whoever asks meanwhile is told an address when it can be bound."""
    host = shared_link()
    keeper, kept = host.socket_with_address()
    for _ in range(3):
        flap_carrier(host)
        sock, address = host.socket_with_address()
        assert address in on_uplink(host)
        sock.close()
    assert kept in on_uplink(host)
    keeper.close()
    wait_until(lambda: not on_uplink(host), "nothing is left")


def test_a_duplicate_that_appears_while_the_carrier_is_away(shared_link):
    """Who has the address keeps it, for what it is worth; nobody else is given it."""
    host = shared_link()
    keeper, kept = host.socket_with_address()
    host.network.r.ip("link set mn0 down")
    wait_until(lambda: "NO-CARRIER" in host.namespace.ip_json("link", "show", "up0")[0]["flags"], "no carrier")
    defender = Defender(host.network.r, defended=1)
    defender.start()
    host.network.r.ip("link set mn0 up")
    sock, address = host.socket_with_address()
    assert address in on_uplink(host)
    if socket.inet_pton(socket.AF_INET6, kept) in defender.targets:
        assert address != kept
    sock.close(), keeper.close()
    wait_until(lambda: not on_uplink(host), "nothing is left")


def test_a_kill_between_detection_and_answer(shared_link):
    """Killed at every stage of the detection, with a request that waits; the next daemon begins anew or goes on."""
    host = shared_link()
    for tenths in (0, 5, 9, 10, 11):
        with setsc_client.connect(host.daemon.setsc_socket) as client:
            asked = host.socket()
            setsc_client.send(client, request(SESSION_LASTING), [asked])
            time.sleep(tenths / 10)
            host.daemon.kill()
            asked.close()
        host.daemon.start()
    sock, address = host.socket_with_address()
    assert address in on_uplink(host)
    sock.close()
    wait_until(lambda: not on_uplink(host), "nothing is left")
