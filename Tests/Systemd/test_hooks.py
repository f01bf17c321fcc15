"""The programs in the kernel under systemd: loaded by a service of its own, used by a daemon that cannot load any."""

import json
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "System"))

from container import (CONFIGURATION, ON_LOOPBACK, SETSC_SOCKET, addresses, configured, run, show,  # noqa: E402
                       systemctl, wait_until)
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


# Programs that do not ask

SERVER = """
import socket
server = socket.create_server(("2001:db8:9::9", 7), family=socket.AF_INET6)
while True:
    connection, peer = server.accept()
    connection.sendall(peer[0].encode())
    connection.close()
"""
CLIENT = "import socket; print(socket.create_connection(('2001:db8:9::9', 7)).recv(100).decode())"


@pytest.fixture
def server(service, hooks):
    """A server elsewhere, as far as the address goes; and odmd with hooks."""
    run("ip", "-6", "addr", "add", "2001:db8:9::9/128", "dev", "lo")
    process = subprocess.Popen([sys.executable, "-c", SERVER])
    with configured("[Daemon]\nHooks=yes\n" + ON_LOOPBACK):
        wait_until(lambda: subprocess.run([sys.executable, "-c", CLIENT], capture_output=True).returncode == 0,
                   "the server listens")
        yield
    process.kill()
    process.wait()
    run("ip", "-6", "addr", "del", "2001:db8:9::9/128", "dev", "lo")


def test_odmctl_runs_a_program_in_a_scope(server):
    done = run("odmctl", "run", "--kernel", "--strict", "--type", "session-lasting", "--",
               sys.executable, "-c", CLIENT + "; print(open('/proc/self/cgroup').read())")
    address, *groups = done.splitlines()
    assert address.startswith("2001:db8:a:")
    (group,) = [line for line in groups if line.startswith("0::")]
    assert re.search(r"/odm-run-\d+\.scope$", group)
    wait_until(lambda: not assignments(), "it is gone", 15)


def assignments():
    return json.loads(run("odmctl", "assignments", "--json"))["assignments"]


@pytest.mark.parametrize("delegates", ["no", "yes"])
def test_a_service_gets_addresses_by_the_kernel(server, delegates):
    unit, output = Path("/etc/systemd/system/unaware.service"), Path("/run/unaware")
    unit.write_text(f"[Service]\nType=oneshot\nDelegate={delegates}\nDynamicUser=yes\nProtectSystem=strict\n"
                    f"StandardOutput=append:{output}\nExecStart={sys.executable} -c \"{CLIENT}\"\n")
    try:
        said = run("odmctl", "enable-unit", "unaware", "--kernel", "--strict", "--type", "session-lasting")
        assert said.startswith("/etc/systemd/system/unaware.service.d/50-odm.conf written\n")
        systemctl("start", "unaware.service")
        run("odmctl", "disable-unit", "unaware")
        systemctl("start", "unaware.service")
        said, given, other = output.read_text().splitlines()
        assert said == "/system.slice/unaware.service gets session-lasting addresses"
        assert given.startswith("2001:db8:a:") and other == "2001:db8:9::9"
    finally:
        unit.unlink()
        output.unlink()
        systemctl("daemon-reload")
