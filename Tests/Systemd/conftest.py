"""Fixtures: the service and its uplink, in the container."""

import os
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from container import CONFIGURATION, run, serving  # noqa: E402


def pytest_collection_modifyitems(items):
    if os.environ.get("INVOCATION_ID") and not os.path.exists("/.git"):
        return
    for item in items:
        item.add_marker(pytest.mark.skip(reason="runs in the container only: Tests/Systemd/run.sh"))


@pytest.fixture(scope="session", autouse=True)
def uplink():
    run("ip", "link", "add", "up0", "type", "veth", "peer", "name", "up1")
    run("ip", "link", "set", "up0", "up")
    Path("/etc/odmd/odmd.conf").write_text(CONFIGURATION)


@pytest.fixture
def service():
    with serving():
        yield
