"""Prefixes that routers advertise: used as they come, typed where a router says so, never taken from the kernel."""

import ipaddress
import time

import pytest
from delegation import CODES
from fake_router import ON_LINK, PrefixInformation, advertisement
from host import configuration_with, network_source, reset, wait_until
from network import ROUTER
from radvd import Advertised
from setsc_client import FIXED, GRACEFUL_REPLACEMENT, NON_PERSISTENT, SESSION_LASTING, request

ADVERTISED = "2001:db8:1::/64"
#: Prefixes that only the tests' own router advertises; nothing is routed there.
FIRST, SECOND, THIRD = "2001:db8:71::/64", "2001:db8:72::/64", "2001:db8:73::/64"
OURS_NON_PERSISTENT = 0xD3
# A host that hears nothing has asked three times, as RFC 4861 has it, when it is refused.
NO_ROUTER_SECONDS = 4
LINGERING = {"graceful_replacement": "LingerSec=0"}


@pytest.fixture
def network(access_network):
    return access_network


@pytest.fixture
def node(stopped_host):
    """Call it with types for a host whose only source is what routers advertise; without, none is configured."""
    def start(types=None, accept_ra=1):
        stopped_host.namespace.set_sysctl("net/ipv6/conf/up0/accept_ra", accept_ra)
        sources = [] if types is None else [network_source("ra", types)]
        stopped_host.daemon.configure(configuration_with(*sources, **LINGERING))
        stopped_host.daemon.start()
        return stopped_host
    return start


@pytest.fixture
def router(network):
    return network.fake_router()


def is_in(address, prefix):
    return ipaddress.IPv6Address(address) in ipaddress.IPv6Network(prefix)


def kernels_address(host, prefix):
    """Waits until the kernel has autoconfigured itself from a prefix."""
    def found():
        return [address for address, length in host.addresses_on("up0") if length == 64 and is_in(address, prefix)]

    wait_until(found, f"the kernel has an address in {prefix}")
    return found()[0]


def given(host):
    """The Non-persistent address that a program would be given now."""
    with host.socket() as sock:
        return host.setsc(sock, NON_PERSISTENT)


def refusal(host, type=NON_PERSISTENT):
    return host.ask(request(type), host.socket()).refusal


def assert_no_network(host, type=NON_PERSISTENT):
    """Refused for want of a router, and not after the whole deadline of a request."""
    began = time.monotonic()
    status, number = refusal(host, type)
    assert (status, number in ("ENETUNREACH", "ETIMEDOUT")) == ("FAILED", True), number
    assert time.monotonic() - began < NO_ROUTER_SECONDS


# The kernel's own addresses

@pytest.mark.parametrize("type", [NON_PERSISTENT, GRACEFUL_REPLACEMENT])
def test_without_configuration_any_network_will_do(network, node, server, type):
    network.radvd(Advertised(ADVERTISED))
    host = node()
    sock, address = host.socket_with_address(type)
    assert is_in(address, ADVERTISED)
    assert host.peer_seen_by_server(sock, server) == address


def test_without_configuration_the_others_are_not_there(network, node):
    network.radvd(Advertised(ADVERTISED))
    host = node()
    for type in (FIXED, SESSION_LASTING):
        assert refusal(host, type) == ("NOT_SUPPORTED", "ENOTSUP")


def kernels_view(host, address):
    """All that the kernel says of the address but the seconds that run."""
    ((info,),) = [[info for info in link["addr_info"] if info["local"] == address]
                  for link in host.namespace.ip_json("addr", "show", "dev", "up0")]
    return {key: value for key, value in info.items() if not key.endswith("life_time")}


def test_the_kernels_address_is_used_and_stays_the_kernels(network, node, server):
    network.radvd(Advertised(ADVERTISED))
    host = node()
    own = kernels_address(host, ADVERTISED)
    before = kernels_view(host, own), host.addresses_on("up0")
    sock, address = host.socket_with_address(NON_PERSISTENT)
    assert address == own
    assert host.peer_seen_by_server(sock, server) == own
    assert (kernels_view(host, own), host.addresses_on("up0")) == before
    reset(sock)
    wait_until(lambda: not host.daemon.administer("addresses")["addresses"], "the daemon forgets it")
    host.assert_nothing_left()
    assert (kernels_view(host, own), host.addresses_on("up0")) == before


@pytest.mark.parametrize("end", ["stop", "kill"])
def test_the_kernels_address_outlives_the_daemon_and_is_found_again(network, node, end):
    network.radvd(Advertised(ADVERTISED))
    host = node()
    keeper, address = host.socket_with_address(NON_PERSISTENT)
    with host.daemon_away(end):
        pass
    _, again = host.socket_with_address(NON_PERSISTENT)
    assert again == address == kernels_address(host, ADVERTISED)


def test_on_net_gets_addresses_of_its_own(network, node, server):
    network.radvd(Advertised(ADVERTISED))
    host = node()
    own = kernels_address(host, ADVERTISED)
    socks = [host.socket_with_address(NON_PERSISTENT, on_net=True) for _ in range(2)]
    addresses = {address for _, address in socks}
    assert len(addresses | {own}) == 3
    for sock, address in socks:
        assert host.peer_seen_by_server(sock, server) == address
    reset(*(sock for sock, _ in socks))
    wait_until(lambda: host.addresses_on("up0") == {(own, 64)}, "only the kernel's is left")


# Our own addresses

@pytest.mark.parametrize("sysctl", ["autoconf", "accept_ra_pinfo"])
def test_an_address_of_our_own_where_the_kernel_does_not_autoconfigure(network, node, server, sysctl):
    network.mn.set_sysctl(f"net/ipv6/conf/up0/{sysctl}", 0)
    network.radvd(Advertised(ADVERTISED))
    host = node()
    sock, address = host.socket_with_address(NON_PERSISTENT)
    assert is_in(address, ADVERTISED)
    assert host.addresses_on("up0") == {(address, 128)}
    (found,) = host.marked(address)
    assert (found.owner, found.preferred_seconds) == (OURS_NON_PERSISTENT, 0)
    assert host.peer_seen_by_server(sock, server) == address
    reset(sock)
    wait_until(lambda: not host.addresses_on("up0"), "nothing is left")


def test_a_prefix_that_is_not_for_autoconfiguration_is_nobodys_to_use(node, router):
    """RFC 4862, section 5.5.3: its addresses are for a DHCPv6 server to give."""
    router.answer = advertisement(PrefixInformation(FIRST, flags=ON_LINK), PrefixInformation(SECOND))
    host = node(types="non-persistent", accept_ra=0)
    assert is_in(host.socket_with_address(NON_PERSISTENT)[1], SECOND)
    assert is_in(host.socket_with_address(NON_PERSISTENT, on_net=True)[1], SECOND)


def test_the_daemon_listens_itself_where_the_kernel_does_not(network, node, router):
    """accept_ra=0: the kernel says nothing of advertisements. An RA that comes later is heard, too."""
    router.answer = advertisement(PrefixInformation(FIRST))
    host = node(accept_ra=0)
    sock, address = host.socket_with_address(NON_PERSISTENT)
    assert is_in(address, FIRST)
    assert host.addresses_on("up0") == {(address, 128)}
    assert any(route.startswith(f"default via {ROUTER} dev up0") for route in host.routes()), "with a route of our own"
    sock.close()
    wait_until(lambda: not host.addresses_on("up0"), "nothing is left")


# Types

def test_a_typed_prefix_serves_its_type(node, router):
    router.answer = advertisement(PrefixInformation(FIRST, CODES["session-lasting"]),
                                  PrefixInformation(SECOND, CODES["non-persistent"]))
    host = node(types="session-lasting non-persistent")
    assert is_in(host.socket_with_address(NON_PERSISTENT)[1], SECOND)
    assert is_in(host.socket_with_address(SESSION_LASTING)[1], FIRST)


def test_an_untyped_prefix_serves_the_types_of_the_configuration(node, router):
    router.answer = advertisement(PrefixInformation(FIRST, CODES["session-lasting"]), PrefixInformation(SECOND))
    host = node(types="non-persistent")
    assert is_in(host.socket_with_address(NON_PERSISTENT)[1], SECOND)


@pytest.mark.parametrize("code", [5, 6, 7])
def test_a_reserved_code_is_no_type(node, router, code):
    router.answer = advertisement(PrefixInformation(FIRST, code))
    host = node(types="non-persistent")
    assert is_in(host.socket_with_address(NON_PERSISTENT)[1], FIRST)


@pytest.mark.parametrize("accept_ra", [1, 0])
def test_an_untyped_copy_does_not_erase_a_type(node, router, accept_ra):
    """A router may send the same prefix both ways, for hosts that do not know of types."""
    router.answer = advertisement(PrefixInformation(FIRST, CODES["session-lasting"]), PrefixInformation(SECOND))
    host = node(types="non-persistent", accept_ra=accept_ra)
    assert is_in(host.socket_with_address(NON_PERSISTENT)[1], SECOND)
    router.answer = None
    router.advertise(PrefixInformation(FIRST))
    router.advertise(PrefixInformation(SECOND, preferred=0), PrefixInformation(THIRD))
    wait_until(lambda: is_in(given(host), THIRD), "what came after the copy is used")
    assert is_in(host.socket_with_address(SESSION_LASTING)[1], FIRST)


# The lifetimes

@pytest.mark.parametrize("accept_ra", [1, 0])
@pytest.mark.parametrize("gone", [{"preferred": 0}, {"preferred": 0, "valid": 0}], ids=["deprecated", "withdrawn"])
def test_a_prefix_on_its_way_out_is_given_to_nobody_new(node, router, gone, accept_ra):
    router.answer = advertisement(PrefixInformation(FIRST), PrefixInformation(SECOND))
    host = node(types="non-persistent", accept_ra=accept_ra)
    keeper, address = host.socket_with_address(NON_PERSISTENT)
    (old, new) = (FIRST, SECOND) if is_in(address, FIRST) else (SECOND, FIRST)
    router.advertise(PrefixInformation(old, **gone))
    router.answer = advertisement(PrefixInformation(new))

    wait_until(lambda: is_in(given(host), new), "the other prefix is used")
    assert keeper.getsockname()[0] == address


@pytest.mark.parametrize("accept_ra", [1, 0])
def test_a_prefix_that_comes_back(node, router, accept_ra):
    router.answer = advertisement(PrefixInformation(FIRST))
    host = node(types="non-persistent", accept_ra=accept_ra)
    host.socket_with_address(NON_PERSISTENT)
    router.answer = None
    router.advertise(PrefixInformation(FIRST, preferred=0))
    router.advertise(PrefixInformation(FIRST))
    assert is_in(host.socket_with_address(NON_PERSISTENT)[1], FIRST)


@pytest.mark.parametrize("accept_ra", [1, 0])
def test_a_router_that_says_farewell(node, router, accept_ra):
    """Router lifetime 0: it is no default router any more."""
    router.answer = advertisement(PrefixInformation(FIRST))
    host = node(types="non-persistent", accept_ra=accept_ra)
    host.socket_with_address(NON_PERSISTENT)
    router.advertise(PrefixInformation(FIRST), router_lifetime=0)
    wait_until(lambda: not any("via" in route for route in host.routes()), "no router is left")


def test_radvd_changes_its_mind(network, node, server):
    """A real router: it is restarted with another prefix and deprecates the first one as it goes."""
    radvd = network.radvd(Advertised(ADVERTISED))
    host = node()
    keeper, address = host.socket_with_address(NON_PERSISTENT)
    assert host.peer_seen_by_server(keeper, server) == address
    radvd.configure(Advertised(ADVERTISED, preferred=0), Advertised(FIRST))
    radvd.reload()
    wait_until(lambda: is_in(given(host), FIRST), "the new prefix is used")
    assert (address, 64) in host.addresses_on("up0")


# What is not for us

@pytest.mark.parametrize("accept_ra", [1, 0])
@pytest.mark.parametrize("envelope", [
    pytest.param({"hop_limit": 64}, id="hop limit 64"),
    pytest.param({"hop_limit": 254}, id="hop limit 254"),
    pytest.param({"source": "2001:db8:1::1"}, id="global source"),
])
def test_an_advertisement_from_off_the_link_is_ignored(node, router, envelope, accept_ra):
    """RFC 4861, section 6.1.2: it could be anybody's. A good one after it is heard."""
    def answer_twice(octets, sender):
        router.send(advertisement(PrefixInformation(FIRST)), **envelope)
        router.send(advertisement(PrefixInformation(SECOND)))

    router.hear = answer_twice
    host = node(types="non-persistent", accept_ra=accept_ra)
    for on_net in (False, True):
        assert is_in(host.socket_with_address(NON_PERSISTENT, on_net=on_net)[1], SECOND)
    assert not [address for address, _ in host.addresses_on("up0") if is_in(address, FIRST)]


@pytest.mark.parametrize("octets", [
    pytest.param(advertisement(PrefixInformation(FIRST))[:-1], id="cut off"),
    pytest.param(advertisement(b"\3\0" + bytes(30)), id="an option of no length"),
    pytest.param(advertisement(b"\3\3" + bytes(22)), id="a short prefix information"),
    pytest.param(advertisement()[:12], id="no room for its fields"),
    pytest.param(advertisement(PrefixInformation("fe80::/64")), id="the link-local prefix"),
    pytest.param(advertisement(PrefixInformation("ff02::/64")), id="a multicast prefix"),
    pytest.param(advertisement(PrefixInformation(FIRST, valid=10, preferred=20)), id="preferred longer than valid"),
])
def test_an_advertisement_that_makes_no_sense_is_ignored(node, router, octets):
    """The daemon reads them itself here; a good one afterwards is heard."""
    def answer_twice(_, sender):
        router.send(octets)
        router.send(advertisement(PrefixInformation(SECOND)))

    router.hear = answer_twice
    host = node(types="non-persistent", accept_ra=0)
    assert is_in(host.socket_with_address(NON_PERSISTENT)[1], SECOND)


def test_other_options_do_not_matter(node, router):
    unknown = bytes([253, 2]) + bytes(14)
    mtu = bytes([5, 1, 0, 0, 0, 0, 5, 220])
    router.answer = advertisement(unknown, mtu, PrefixInformation(FIRST), unknown)
    host = node(types="non-persistent", accept_ra=0)
    assert is_in(host.socket_with_address(NON_PERSISTENT)[1], FIRST)


def test_more_prefixes_than_anybody_needs(node, router):
    """What can be advertised is bounded by the link, what is remembered by the daemon."""
    host = node(types="non-persistent", accept_ra=0)
    for network in range(40):
        router.advertise(*(PrefixInformation(f"2001:db8:{network:x}:{number:x}::/64") for number in range(1, 33)))
    router.answer = advertisement(PrefixInformation(FIRST))
    sock, _ = host.socket_with_address(NON_PERSISTENT)
    assert host.daemon.resident_kilobytes < 12 << 10


def test_more_routers_than_there_are(node, router):
    """A neighbour pretends to be a hundred, for hours; the real one is heard nevertheless."""
    host = node(types="non-persistent", accept_ra=0)
    router.send_from_anywhere()
    for number in range(1, 101):
        router.advertise(router_lifetime=65535, source=f"fe80::bad:{number:x}")
    router.answer = advertisement(PrefixInformation(FIRST))
    host.socket_with_address(NON_PERSISTENT)
    wait_until(lambda: any(route.startswith(f"default via {ROUTER} dev up0") for route in host.routes()),
               "packets leave by the real router")


# Asking

def test_routers_are_asked_when_an_answer_is_needed_now(node, router):
    """The next unsolicited advertisement may be half an hour away."""
    router.answer = advertisement(PrefixInformation(FIRST))
    host = node(types="non-persistent", accept_ra=0)  # the kernel solicits nobody
    began = time.monotonic()
    assert is_in(host.socket_with_address(NON_PERSISTENT)[1], FIRST)
    assert router.solicitations >= 1
    assert time.monotonic() - began < 1


@pytest.mark.parametrize("accept_ra", [1, 0])
def test_a_router_that_has_answered_is_not_asked_again(node, router, accept_ra):
    """RFC 4861, section 6.3.7: what a host repeats is a question that nobody has answered."""
    router.answer = advertisement(PrefixInformation(FIRST))
    host = node(types="non-persistent", accept_ra=accept_ra)
    assert is_in(host.socket_with_address(NON_PERSISTENT)[1], FIRST)
    asked = router.solicitations
    time.sleep(2.5)
    assert router.solicitations == asked


@pytest.mark.parametrize("accept_ra", [1, 0])
def test_without_a_router_it_is_said_soon(node, router, accept_ra):
    host = node(types="non-persistent", accept_ra=accept_ra)
    before = router.solicitations
    assert_no_network(host)
    assert router.solicitations > before
    host.assert_nothing_left()


def test_a_router_that_comes_while_a_request_waits(node, router):
    host = node(types="non-persistent")

    def on_the_second(octets, sender):
        router.solicitations += 1
        if router.solicitations > before + 1:
            router.send(advertisement(PrefixInformation(FIRST)))

    before = router.solicitations
    router.hear = on_the_second
    assert is_in(host.socket_with_address(NON_PERSISTENT)[1], FIRST)
