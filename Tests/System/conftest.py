"""Fixtures: a network of namespaces, a host with a daemon in it, a server on the correspondent."""

import os
import socket
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from daemon import RELEASE  # noqa: E402
from host import Host, finish  # noqa: E402
from network import SERVER, Network  # noqa: E402


def pytest_collection_modifyitems(items):
    reason = None
    if os.geteuid() != 0:
        reason = "network namespaces need root"
    elif not (RELEASE / "odmd").exists():
        reason = f"{RELEASE}/odmd is not built: make build"
    for item in items if reason else []:
        item.add_marker(pytest.mark.skip(reason=reason))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    host = getattr(item, "funcargs", {}).get("host")
    if report.failed and host is not None:
        report.sections.append(("log of odmd", host.daemon.log))
    return report


@pytest.fixture
def network():
    network = Network()
    yield network
    network.close()


@pytest.fixture
def stopped_host(network):
    """A host whose daemon has not been started, so that a test can configure it first."""
    host = Host(network)
    yield host
    host.close()


@pytest.fixture
def host(stopped_host):
    stopped_host.daemon.start()
    return stopped_host


@pytest.fixture
def configured_host(stopped_host):
    """Call it with a configuration to have the host's daemon started with that."""
    def start(text):
        stopped_host.daemon.configure(text)
        stopped_host.daemon.start()
        return stopped_host
    return start


@pytest.fixture
def server(network):
    """A TCP server on the correspondent that tells each client the address it came from."""
    with network.cn:
        listener = socket.create_server((SERVER, 0), family=socket.AF_INET6, backlog=128)
    process = network.cn.start(sys.executable, str(Path(__file__).parent / "peer_server.py"),
                               str(listener.fileno()), pass_fds=[listener.fileno()])
    yield listener.getsockname()[:2]
    finish(process)
    listener.close()
