"""The sockets that systemd opens for odmd: the first client starts it, and none is lost while it is away."""

import json
import socket
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "System"))

from asking import Asking  # noqa: E402
from container import SETSC_SOCKET, addresses, run, show, systemctl, wait_until  # noqa: E402
from setsc_client import SESSION_LASTING, getsc, setsc  # noqa: E402

ADMIN_SOCKET = "/run/odm/admin"


def wait_until_nothing_is_left():
    wait_until(lambda: addresses() == "", run("odmctl", "sockets") + "nothing is left", 15)


@pytest.fixture
def only_the_sockets():
    """odmd has not been started, or was stopped."""
    systemctl("start", "odmd.socket")
    systemctl("stop", "odmd.service")
    assert show("ActiveState") == "inactive"
    yield
    wait_until_nothing_is_left()
    systemctl("stop", "odmd.service")
    systemctl("reset-failed")


def new_socket():
    return socket.socket(socket.AF_INET6, socket.SOCK_STREAM)


def test_the_units_are_well_written():
    units = ["odmd.socket", "odmd.service", "odmd-holders.socket", "odmd-holders.service"]
    done = subprocess.run(["systemd-analyze", "verify", "--man=no", *units], text=True, capture_output=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_first_request_starts_the_daemon(only_the_sockets):
    with new_socket() as sock:
        address = setsc(SETSC_SOCKET, sock, SESSION_LASTING)
        assert show("ActiveState") == "active"
        assert getsc(SETSC_SOCKET, sock) == (address, SESSION_LASTING)


def test_an_administrator_starts_the_daemon(only_the_sockets):
    assert json.loads(run("odmctl", "status", "--json"))["addresses"] == 0
    assert show("ActiveState") == "active"


def test_everybody_may_connect_and_nobody_may_replace_the_sockets(only_the_sockets):
    for path in (SETSC_SOCKET, ADMIN_SOCKET):
        assert Path(path).stat().st_mode & 0o777 == 0o666
    directory = Path("/run/odm").stat()
    assert (directory.st_uid, directory.st_mode & 0o777) == (0, 0o755)


def test_a_stop_leaves_the_sockets_to_the_next_start(only_the_sockets):
    systemctl("start", "odmd.service")
    before = [Path(path).stat().st_ino for path in (SETSC_SOCKET, ADMIN_SOCKET)]
    systemctl("stop", "odmd.service")
    assert [Path(path).stat().st_ino for path in (SETSC_SOCKET, ADMIN_SOCKET)] == before
    with new_socket() as sock:
        setsc(SETSC_SOCKET, sock, SESSION_LASTING)


@pytest.mark.parametrize("interruption", [("restart",), ("kill", "--signal=KILL")])
def test_no_request_is_lost_while_the_daemon_is_away(service, interruption):
    """A request that comes while there is no daemon waits for the next one. One that was being answered when the daemon
    ended is told so, by ECONNRESET, and may be asked again."""
    asking = [Asking() for _ in range(3)]
    try:
        for _ in range(3):
            for each in asking:
                each.wait_for_answers(20)
            before = show("MainPID")
            systemctl(*interruption, "odmd.service")
            wait_until(lambda before=before: show("MainPID") not in (before, "0"), "it is back")
        for each in asking:
            each.wait_for_answers(20)
    finally:
        for each in asking:
            each.end()
    wait_until_nothing_is_left()
    systemctl("reset-failed")
    for each in asking:
        assert set(each.outcomes) <= {"answered", "told"}
        # No more than were on the way at each end.
        assert each.outcomes.count("told") <= 3
