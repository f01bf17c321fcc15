"""examples/swift-client: what a Swift program is told when the host moves."""

import pytest
from test_moving import all_types, is_of, network, roaming_host  # noqa: F401
from test_swift_client import program, start  # noqa: F401


@pytest.fixture
def host(roaming_host):  # noqa: F811
    return roaming_host(all_types())


def test_a_graceful_replacement(network, host, start):  # noqa: F811
    listener = host.socket()
    listener.bind(("::1", 0))
    listener.listen()
    process = start("::1", listener.getsockname()[1], "gracefulReplacement")
    address = process.stdout.readline().split()[-1]
    assert process.stdout.readline() == f"watching {address}\n" and is_of(network.router, address)
    network.move()
    told = [process.stdout.readline().split() for _ in range(3)]
    assert [line[:2] for line in told] \
        == [["deprecated:", address], ["replaced:", address], ["removed:", address]]
    assert told[0][-1] == "none" and is_of(network.router, told[1][-1])
    assert told[2][2:6] == ["ends", "in", "0.0", "seconds,"]
