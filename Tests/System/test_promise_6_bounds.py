"""Promise 6: nobody gets a type, or more addresses, than policy gives them."""

from host import as_user, configuration
from setsc_client import FIXED, ON_NET, request
import setsc_client


def test_a_type_that_no_source_gives(configured_host):
    host = configured_host(configuration(types="non-persistent"))
    for type in (FIXED, 2, 4):
        assert host.ask(request(type), host.socket()).refusal == ("NOT_SUPPORTED", "ENOTSUP")


def test_no_more_addresses_than_the_source_may_give(configured_host):
    """However many users, types and kinds of request there are."""
    host = configured_host(configuration(source="MaxAddresses=5", session_lasting="Share=socket"))
    path, granted = host.daemon.setsc_socket, 0
    socks = [host.socket() for _ in range(12)]
    for number, sock in enumerate(socks):
        frame = request(1 + number % 3, flags=ON_NET if number % 2 else 0)
        text = as_user(4001 + number, lambda: setsc_client.exchange(path, frame, [sock]).status.name)
        granted += text == "'GRANTED'"
        assert len(host.addresses) <= 5
    assert len(host.addresses) == 5
    assert granted >= 5


def test_the_prefix_is_not_left(configured_host):
    """A pool of four /64s gives four ON_NET prefixes and no fifth, Fixed having the first to itself."""
    host = configured_host(configuration().replace("2001:db8:a::/56", "2001:db8:a::/62"))
    given, refused = [], None
    while refused is None:
        reply = host.ask(request(2, flags=ON_NET), sock := host.socket())
        if reply.address is None:
            refused = reply.refusal
        else:
            given.append((sock, reply.address))
    assert refused == ("FAILED", "EADDRNOTAVAIL")
    assert len(given) == 3
    assert all(address.startswith("2001:db8:a:") and address.split(":")[3] in "123" for _, address in given)
