"""A host moves while somebody else manages its interface: nobody fights, and what is theirs stays theirs."""

import shutil
import time

import pytest
from host import wait_until
from link_managers import SEARCH_PATH, Networkd, NetworkManager
from setsc_client import NON_PERSISTENT, SESSION_LASTING
from test_moving import (NOTICEABLE_SECONDS, all_types, arrive, echo, flow, is_of, move,  # noqa: F401 - fixtures
                         network)

# Installing it would have it manage the interfaces of a machine that somebody works on.
NEEDS_NETWORK_MANAGER = pytest.mark.skipif(
    shutil.which("NetworkManager", path=SEARCH_PATH) is None,
    reason="NetworkManager is not installed; .ci/run does that, make test does not: it would manage this machine")


@pytest.fixture(params=[Networkd, pytest.param(NetworkManager, marks=NEEDS_NETWORK_MANAGER)])
def manager(request, network, tmp_path):  # noqa: F811
    manager = request.param(network.mn, tmp_path)
    manager.start()
    yield manager
    manager.close()


@pytest.mark.parametrize("way", ["flap", "silent"])
def test_moves_of_a_managed_interface(manager, network, configured_host, flow, way):  # noqa: F811
    arrive(network)
    host = configured_host(all_types())
    anchored = flow(host, SESSION_LASTING)
    for _ in range(2):
        left = flow(host, NON_PERSISTENT)
        began = time.monotonic()
        move(host, way)
        wait_until(lambda: left.ended, "the connection of the network that was left has ended")
        arrived = flow(host, NON_PERSISTENT)
        assert is_of(network.router, arrived.address)
        # The manager finds its way by itself, as without odmd.
        arrive(network)
        wait_until(lambda: any(is_of(network.router, address) for address, length in host.addresses_on("up0")
                               if length == 64), "the manager has its address")
        time.sleep(1)
        assert anchored.error is None and anchored.longest_silence(began) < NOTICEABLE_SECONDS
        assert arrived.error is None
        arrived.close()
    assert "put back" not in host.daemon.log
    assert len(host.marked(anchored.address)) == 1


def test_a_manager_that_starts_while_addresses_are_in_use(manager, network, configured_host, flow):  # noqa: F811
    """Some remove what they do not know when they begin."""
    arrive(network)
    host = configured_host(all_types())
    anchored, local = flow(host, SESSION_LASTING), flow(host, NON_PERSISTENT)
    manager.close()
    manager.start()
    time.sleep(3)
    assert anchored.error is None and local.error is None
    heard = len(anchored.heard)
    wait_until(lambda: len(anchored.heard) > heard + 10, "the anchored connection works")
    assert len(host.marked(anchored.address)) == 1
    assert [rule for rule in host.rules if rule.get("src") == "2001:db8:a::"]
