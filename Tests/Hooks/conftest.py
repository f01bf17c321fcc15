"""Fixtures: namespaces and a control group, and the programs in it. A test runs inside of them."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent / "System")]

from hooks import ADDRESS, PROGRAM, SESSION_LASTING, Hooks, Surroundings, own_mounts, run  # noqa: E402
from host import Host, configuration  # noqa: E402
from network import Network  # noqa: E402


def pytest_collection_modifyitems(items):
    reason = None
    if os.geteuid() != 0:
        reason = "programs in the kernel need root"
    elif not PROGRAM.exists():
        reason = f"{PROGRAM} is not built: make build"
    for item in items if reason else []:
        item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture
def surroundings():
    with own_mounts() as place:
        surroundings = Surroundings(place)
        try:
            with surroundings.entered():
                yield surroundings
        finally:
            surroundings.close()


@pytest.fixture
def hooks(surroundings):
    hooks = Hooks(surroundings)
    yield hooks
    hooks.close()


@pytest.fixture
def assigned(hooks):
    """The control group has a type, and the type an address."""
    hooks.assign(hooks.surroundings.group, SESSION_LASTING)
    hooks.set_address(SESSION_LASTING, ADDRESS)
    return hooks


@pytest.fixture
def network(surroundings):
    network = Network()
    yield network
    network.close()


@pytest.fixture
def host(surroundings, network):
    """A host whose daemon uses the programs, which are loaded for the control group that this process is in."""
    run("load", *surroundings.options)
    host = Host(network)
    host.daemon.options = ["--hooks-directory", str(surroundings.pin)]
    host.daemon.configure(configuration(daemon="Hooks=yes"))
    host.daemon.start()
    yield host
    host.close()


@pytest.fixture(scope="session")
def static_client(tmp_path_factory):
    """static_client.c, without any library that something could be loaded before."""
    output = tmp_path_factory.mktemp("hooks") / "static_client"
    subprocess.run(["cc", "-std=gnu11", "-static", "-Wall", "-Wextra", "-Werror", "-o", output,
                    HERE / "static_client.c"], check=True)
    return output
