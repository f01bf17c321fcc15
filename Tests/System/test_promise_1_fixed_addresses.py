"""A Fixed address is the same for ever: after every restart, after a reboot, and wherever its secret is put back."""

import shutil

import pytest
import setsc_client
from host import as_user, configuration
from setsc_client import FIXED


@pytest.fixture
def given(configured_host):
    """A host and the Fixed address that it has given, which nobody uses any more."""
    host = configured_host(configuration(fixed="LingerSec=0"))
    sock, address = host.socket_with_address(FIXED)
    sock.close()
    host.wait_until_gone(address)
    host.daemon.stop()
    return host, address


def started_again(host):
    host.daemon.start()
    return host.socket_with_address(FIXED)[1]


def test_after_a_reboot(given):
    """The state directory is kept, what is in memory is not."""
    host, address = given
    shutil.rmtree(host.daemon.runtime_directory)
    assert not host.addresses and not host.routes()
    assert started_again(host) == address


def test_after_a_crash_while_it_is_used(configured_host):
    host = configured_host(configuration())
    _, address = host.socket_with_address(FIXED)
    with host.daemon_away():
        host.namespace.ip(f"addr del {address}/128 dev lo")
        shutil.rmtree(host.daemon.runtime_directory)
    assert host.socket_with_address(FIXED)[1] == address


def test_with_the_secret_of_a_lost_state_directory(given):
    host, address = given
    secret = (host.daemon.state_directory / "secret").read_text()
    shutil.rmtree(host.daemon.state_directory)
    host.daemon.state_directory.mkdir()
    (host.daemon.state_directory / "secret").write_text(secret)
    assert started_again(host) == address


def test_with_another_secret_it_is_another(given):
    host, address = given
    shutil.rmtree(host.daemon.state_directory)
    assert started_again(host) != address


@pytest.mark.parametrize("share", ["user", "host"])
def test_users_do_not_change_places(configured_host, share):
    """Whoever asks first after a restart."""
    host = configured_host(configuration(fixed=f"Share={share}\nLingerSec=0") + "[Rule everybody]\n")

    def of_user(user):
        sock = host.socket()
        return as_user(user, lambda: setsc_client.setsc(host.daemon.setsc_socket, sock, FIXED))

    first = {user: of_user(user) for user in (4001, 4002)}
    assert all("2001:db8" in text for text in first.values()), first
    host._open.close()
    host.daemon.restart()
    again = {user: of_user(user) for user in (4002, 4001)}
    assert first == again
    assert (first[4001] == first[4002]) == (share == "host")
