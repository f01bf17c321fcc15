"""The programs in the kernel under systemd: loaded by a service of its own, used by a daemon that cannot load any."""

import re
import socket
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "System"))

from container import CONFIGURATION, SETSC_SOCKET, addresses, configured, run, show, systemctl, wait_until  # noqa: E402
from setsc_client import SESSION_LASTING, setsc  # noqa: E402

HOOKED = "[Daemon]\nHooks=yes\n" + CONFIGURATION


def uses_hooks():
    return re.search(r"^Hooks +(.*)$", run("odmctl", "status"), re.MULTILINE).group(1) == "used"


@pytest.fixture
def hooks():
    systemctl("start", "odmd-hooks.service")
    yield
    systemctl("stop", "odmd-hooks.service")


def test_the_daemon_takes_them_up_and_drops_them(service):
    with configured(HOOKED):
        assert not uses_hooks(), "they are not loaded"
        systemctl("start", "odmd-hooks.service")
        try:
            wait_until(uses_hooks, "odmd was told that they are there")
            assert "odm_ended" in run("odmd-hooks", "status")
        finally:
            systemctl("stop", "odmd-hooks.service")
        wait_until(lambda: not uses_hooks(), "odmd was told that they are gone")
        assert show("ActiveState") == "active"


def test_they_tell_it_of_the_ends_of_sockets(service, hooks):
    with configured(HOOKED):
        with socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6) as sock:
            setsc(SETSC_SOCKET, sock, SESSION_LASTING)
            assert addresses()
        # One of this kind is otherwise looked for only every five seconds.
        wait_until(lambda: not addresses(), "the address is gone", seconds=2)


def test_the_daemon_has_no_privilege_more_than_without(service, hooks):
    with configured(HOOKED):
        assert uses_hooks()
        assert show("CapabilityBoundingSet") == "cap_net_bind_service cap_net_admin cap_net_raw"


def test_a_start_of_the_hooks_starts_no_daemon(hooks):
    assert show("ActiveState") == "inactive"
