"""Where these tests may run."""

import os
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS / "Systemd"), str(TESTS / "System")]


def pytest_collection_modifyitems(items):
    if "ODM_PACKAGES" in os.environ and not os.path.exists("/.git"):
        return
    for item in items:
        item.add_marker(pytest.mark.skip(reason="runs in the container only: Tests/Debian/run.sh"))
