"""The address that programs get which ask for nothing (DefaultType=), and addresses that are there before anybody asks
(Acquire=boot)."""

import socket
import time

import pytest
from host import A_WHILE, configuration, configuration_with, reset, wait_until
from network import LEGACY_ADDRESS, PREFIX, SERVER
from setsc_client import FIXED, NON_PERSISTENT, SESSION_LASTING

#: Another address that the host has, on lo as ours are. Ours have more bits in common with the server's.
OTHER_ADDRESS = "2001:db8:7777::1"
AT_BOOT = "LingerSec=0\nAcquire=boot"
HELPER_SECONDS = 0.3


def default_type(name, **sections):
    return configuration(daemon=f"DefaultType={name}", **sections)


def preferred(host):
    """Addresses of ours that the kernel takes by itself; each as often as it is there."""
    return [info["local"] for link in host.namespace.ip_json("addr") for info in link["addr_info"]
            if info["local"] in host.addresses and info["preferred_life_time"] > 0]


def of_others(host):
    """All that the kernel says of addresses that are not ours."""
    return {info["local"]: info for link in host.namespace.ip_json("addr") for info in link["addr_info"]
            if info["local"] not in host.addresses}


def source_of_a_plain_program(host):
    """What the kernel takes for a program that only connects; nothing is sent."""
    with host.socket(socket.SOCK_DGRAM) as sock:
        sock.connect((SERVER, 9))
        return sock.getsockname()[0]


def reload(host, text):
    host.daemon.configure(text)
    host.daemon.reload()


# The default type

@pytest.mark.parametrize("name, type", [("fixed", FIXED), ("session-lasting", SESSION_LASTING)])
def test_one_address_is_preferred(configured_host, name, type):
    """Not those of other types, nor others of the type, nor one that had been asked for with ON_NET."""
    host = configured_host(default_type(name))
    given = {each: host.socket_with_address(each)[1] for each in (FIXED, SESSION_LASTING, NON_PERSISTENT)}
    for on_net in (FIXED, SESSION_LASTING):
        host.socket_with_address(on_net, on_net=True)
    assert len(host.addresses) == 5
    assert preferred(host) == [given[type]]


def test_a_plain_program_gets_it_where_it_has_no_other(configured_host, server):
    """Not one of another type, which is there as well."""
    host = configured_host(default_type("session-lasting"))
    host.namespace.ip(f"addr del {LEGACY_ADDRESS}/64 dev up0")
    _, fixed = host.socket_with_address(FIXED)
    _, address = host.socket_with_address()
    _, other = host.socket_with_address(NON_PERSISTENT)
    assert source_of_a_plain_program(host) == address
    assert host.peer_seen_by_server(host.socket(), server) == address


def test_a_plain_program_that_has_an_address_on_its_link_keeps_it(configured_host, server):
    host = configured_host(default_type("session-lasting"))
    host.socket_with_address()
    assert source_of_a_plain_program(host) == LEGACY_ADDRESS == host.peer_seen_by_server(host.socket(), server)


def test_a_reload_ends_and_begins_it(configured_host):
    host = configured_host(default_type("session-lasting"))
    host.namespace.ip(f"addr del {LEGACY_ADDRESS}/64 dev up0\naddr add {OTHER_ADDRESS}/128 dev lo nodad")
    sock, address = host.socket_with_address()
    _, fixed = host.socket_with_address(FIXED)
    before = of_others(host)
    assert OTHER_ADDRESS in before
    for name, chosen in (("none", []), ("fixed", [fixed]), ("session-lasting", [address]), ("none", [])):
        reload(host, default_type(name))
        assert preferred(host) == chosen
        assert source_of_a_plain_program(host) == (chosen or [OTHER_ADDRESS])[0]
        assert of_others(host) == before
        assert host.addresses == {address, fixed} and host.getsc(sock) == (address, SESSION_LASTING)


@pytest.mark.parametrize("end", ["stop", "kill"])
def test_it_is_preferred_once_after_a_restart(configured_host, end):
    host = configured_host(default_type("session-lasting"))
    sock, address = host.socket_with_address()
    host.socket_with_address(FIXED)
    getattr(host.daemon, end)()
    host.daemon.start()
    assert preferred(host) == [address]
    assert host.socket_with_address()[1] == address


@pytest.mark.parametrize("end", ["stop", "kill"])
def test_what_was_decided_meanwhile_holds_after_a_restart(configured_host, end):
    host = configured_host(default_type("session-lasting"))
    _, address = host.socket_with_address()
    _, fixed = host.socket_with_address(FIXED)
    for name, chosen in (("fixed", [fixed]), ("none", [])):
        getattr(host.daemon, end)()
        host.daemon.configure(default_type(name))
        host.daemon.start()
        assert preferred(host) == chosen
        assert host.addresses == {address, fixed}


def test_the_fresh_address_is_preferred(configured_host):
    """And the old one is not any more, though sockets have it."""
    host = configured_host(default_type("session-lasting", session_lasting="MaxAgeSec=1\nLingerSec=0"))
    _, address = host.socket_with_address()
    assert preferred(host) == [address]
    wait_until(lambda: preferred(host) == [], f"{address} is old")
    _, fresh = host.socket_with_address()
    assert preferred(host) == [fresh] and address in host.addresses


def test_it_goes_with_its_last_socket(configured_host, server):
    """Also if that is of a program that asked for nothing."""
    host = configured_host(default_type("session-lasting"))
    host.namespace.ip(f"addr del {LEGACY_ADDRESS}/64 dev up0")
    sock, address = host.socket_with_address()
    plain = host.socket()
    assert host.peer_seen_by_server(plain, server) == address
    sock.close()
    time.sleep(A_WHILE)
    assert host.addresses == {address}
    reset(plain)
    host.wait_until_gone(address)


# The initial set

def test_it_is_there_before_readiness(stopped_host):
    """Also if it takes its time."""
    host = stopped_host
    helper = host.daemon.directory / "helper"
    helper.write_text(f"""#!/bin/sh
        sleep {HELPER_SECONDS}
        echo '{{"version":1,"prefix":"2001:db8:a:77::/64"}}'
        """)
    helper.chmod(0o755)
    host.daemon.configure(configuration_with(
        f"[Source modem]\nKind=helper\nTypes=session-lasting\nCommand={helper}\n", session_lasting=AT_BOOT))
    began = time.monotonic()
    host.daemon.start()
    there = host.addresses
    assert time.monotonic() - began >= HELPER_SECONDS
    assert len(there) == 1
    assert {host.setsc(host.socket())} == there, "it is the one that everybody gets"


@pytest.mark.parametrize("place", ["loopback", "interface"])
def test_it_is_there_when_it_is_announced(configured_host, place):
    """And stays without users, as the one of its type."""
    prefix = PREFIX if place == "loopback" else "2001:db8:a::/64"
    host = configured_host(configuration(source=f"Place={place}", session_lasting=AT_BOOT,
                                         fixed=AT_BOOT).replace(str(PREFIX), str(prefix)))
    there = host.addresses
    assert len(there) == 2 and preferred(host) == []
    sock, address = host.socket_with_address()
    assert address in there
    sock.close()
    wait_until(lambda: host.daemon.administer("sockets")["sockets"] == [], "the socket is gone")
    time.sleep(A_WHILE)
    assert host.addresses == there


def test_it_is_there_for_those_who_ask_for_nothing(configured_host, server):
    """From the start, and before anybody asks for it."""
    host = configured_host(default_type("session-lasting", session_lasting=AT_BOOT))
    host.namespace.ip(f"addr del {LEGACY_ADDRESS}/64 dev up0")
    assert set(preferred(host)) == host.addresses
    assert host.peer_seen_by_server(host.socket(), server) == preferred(host)[0]


def test_it_comes_back_after_a_release(configured_host):
    host = configured_host(configuration(session_lasting=AT_BOOT))
    (address,) = host.addresses
    host.daemon.administer("release", address)
    wait_until(lambda: len(host.addresses) == 1 and address not in host.addresses, "another is there")


def test_it_comes_back_when_somebody_takes_it_away(configured_host):
    host = configured_host(configuration(session_lasting=AT_BOOT))
    (address,) = host.addresses
    host.namespace.ip(f"addr del {address}/128 dev lo")
    wait_until(lambda: len(host.addresses) == 1, "there is one again")


def test_a_fresh_one_takes_its_place(configured_host):
    host = configured_host(configuration(session_lasting=AT_BOOT + "\nMaxAgeSec=1"))
    (address,) = host.addresses
    wait_until(lambda: len(host.addresses) == 1 and address not in host.addresses, "another is there")


def test_it_comes_and_goes_with_a_reload(configured_host):
    """Without use it goes; in use it stays as long as that."""
    on_demand, at_boot = configuration(), configuration(session_lasting=AT_BOOT)
    host = configured_host(on_demand)
    assert host.addresses == set()
    reload(host, at_boot)
    wait_until(lambda: len(host.addresses) == 1, "it is there")
    reload(host, on_demand)
    wait_until(lambda: host.addresses == set(), "it is gone")
    reload(host, at_boot)
    sock, address = host.socket_with_address()
    reload(host, on_demand)
    time.sleep(A_WHILE)
    assert host.addresses == {address}
    sock.close()
    host.assert_nothing_left()


@pytest.mark.parametrize("linger", ["0", "1h"])
def test_it_goes_at_a_stop_unless_it_is_in_use(configured_host, linger):
    host = configured_host(configuration(session_lasting=f"LingerSec={linger}\nAcquire=boot", fixed=AT_BOOT))
    _, used = host.socket_with_address(FIXED)
    (unused,) = host.addresses - {used}
    host.daemon.stop()
    assert used in host.addresses
    if linger == "0":
        assert unused not in host.addresses
    host.daemon.start()
    assert len(host.addresses) == 2 and used in host.addresses


def test_it_is_the_same_after_a_crash(configured_host):
    """There are not two of them."""
    host = configured_host(configuration(session_lasting=AT_BOOT))
    sock, address = host.socket_with_address()
    host.daemon.kill()
    host.daemon.start()
    assert host.addresses == {address}


def test_readiness_does_not_wait_for_an_interface(configured_host):
    """That is not there: the address comes with it."""
    host = configured_host(configuration(session_lasting=AT_BOOT).replace("Interface=up0", "Interface=up7"))
    assert host.addresses == set()
    host.namespace.ip("link add up7 type veth peer name up8\nlink set up8 up\nlink set up7 up")
    # At once, and not when it would have been tried again, which is a second after the start.
    wait_until(lambda: len(host.addresses) == 1, "it is there", 0.5)
    assert {host.setsc(host.socket())} == host.addresses
