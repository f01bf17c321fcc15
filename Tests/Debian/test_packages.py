"""The packages in the life of a machine, in this order: installed, used, upgraded under load, removed, purged. These
tests run inside a minimal Debian system that container.sh boots."""

import os
import re
import shutil
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from asking import Asking
from container import ON_LOOPBACK, SETSC_SOCKET, addresses, run, show, systemctl, wait_until
from setsc_client import SESSION_LASTING, getsc, setsc

PACKAGES = Path(os.environ.get("ODM_PACKAGES", "."))
LATER = Path(__file__).with_name("later.sh")
EXAMPLE = Path(__file__).resolve().parents[2] / "examples/session_lasting.c"
ECHO_SERVER = Path(__file__).resolve().parents[1] / "System/echo_server.py"
NAMES = ["odmd", "odmd-hooks", "libodm-preload", "libodm1", "libodm-dev"]
#: A client that knows nothing of odmd, and what it prints: the address that its server sees.
CLIENT = "import socket; print(socket.create_connection(('2001:db8:9::9', 7)).recv(100).decode())"


def package(name, directory=PACKAGES):
    (path,) = directory.glob(f"{name}_*.deb")
    return path


@pytest.fixture(scope="module")
def program(tmp_path_factory):
    """The example of setsc(3), built as its user would, and a server to connect to."""
    path = tmp_path_factory.mktemp("program") / "session_lasting"
    flags = run("pkg-config", "--cflags", "--libs", "odm").split()
    run("cc", "-Wall", "-Werror", "-o", path, EXAMPLE, *flags)
    assert "libodm.so.1 => /lib/" in run("ldd", path)
    return path


class Connection:
    """The program, connected to an echo server."""

    def __init__(self, program):
        listener = socket.create_server(("::1", 0), family=socket.AF_INET6)
        port = listener.getsockname()[1]
        self.server = subprocess.Popen([sys.executable, ECHO_SERVER, str(listener.fileno())],
                                       pass_fds=[listener.fileno()])
        listener.close()
        self.process = subprocess.Popen([program, "::1", str(port)], text=True, bufsize=1, stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.greeting = self.process.stdout.readline()
        self.address = re.search(r"2001:db8:a:[0-9a-f:]+", self.greeting).group()

    def echoes(self, line):
        self.process.stdin.write(line + "\n")
        return self.process.stdout.readline().strip() == line

    def close(self):
        self.process.stdin.close()
        self.process.wait()
        self.server.kill()
        self.server.wait()


def test_nothing_of_a_toolchain_is_here():
    assert not shutil.which("swift") and not list(Path("/usr").rglob("libswiftCore*"))


def test_they_install_and_the_service_runs():
    run("dpkg", "--install", *map(package, NAMES))
    assert run("dpkg", "--verify", *NAMES) == ""
    states = {unit: (show("ActiveState", unit), show("UnitFileState", unit))
              for unit in ("odmd.service", "odmd.socket", "odmd-holders.socket", "odmd-hooks.service")}
    assert states == {"odmd.service": ("active", "enabled"), "odmd.socket": ("active", "enabled"),
                      "odmd-holders.socket": ("active", "static"), "odmd-hooks.service": ("inactive", "disabled")}
    assert Path(f"/proc/{show('MainPID')}").owner() == "odmd"
    assert run("getent", "group", "odm", "odm-fixed").count("\n") == 2
    assert "is good" in run("odmd", "--check-config") and run("odmctl", "--version") != ""
    for page in ("odmd", "odmctl", "odmd.conf", "setsc", "odm-helper", "odmd-hooks"):
        assert run("man", "--where", page).endswith(".gz\n")


def test_a_program_is_built_and_gets_an_address(program):
    Path("/etc/odmd/odmd.conf").write_text(ON_LOOPBACK)
    systemctl("reload", "odmd.service")
    connection = Connection(program)
    assert connection.address in addresses() and connection.echoes("hello")
    connection.close()
    wait_until(lambda: addresses() == "", "the address goes with the connection")


@pytest.fixture
def source_server():
    """Says to whoever comes the address that it sees, at an address of the host's own."""
    run("ip", "-6", "addr", "add", "2001:db8:9::9/128", "dev", "lo")
    with socket.create_server(("2001:db8:9::9", 7), family=socket.AF_INET6) as listener:
        def serve():
            while True:
                try:
                    connection, peer = listener.accept()
                except OSError:
                    return
                connection.sendall(peer[0].encode())
                connection.close()
        threading.Thread(target=serve, daemon=True).start()
        yield
        listener.shutdown(socket.SHUT_RDWR)
    run("ip", "-6", "addr", "del", "2001:db8:9::9/128", "dev", "lo")


def test_programs_that_know_nothing_get_addresses(source_server):
    """By the library, and, when an administrator wants that, by the kernel."""
    def source(*options):
        return run("odmctl", "run", "--strict", *options, "--type", "session-lasting", "--", "python3", "-c", CLIENT)
    assert source().startswith("2001:db8:a:")
    Path("/etc/odmd/odmd.conf").write_text("[Daemon]\nHooks=yes\n" + ON_LOOPBACK)
    systemctl("start", "odmd-hooks.service")
    systemctl("reload", "odmd.service")
    assert source("--kernel").startswith("2001:db8:a:")
    systemctl("stop", "odmd-hooks.service")
    Path("/etc/odmd/odmd.conf").write_text(ON_LOOPBACK)
    systemctl("reload", "odmd.service")
    wait_until(lambda: addresses() == "", "no address is left")


def test_an_upgrade_takes_nothing_from_those_who_are_connected(program, tmp_path):
    """Neither a connection nor a request nor a promise."""
    run(LATER, PACKAGES, tmp_path)
    later = [package(name, tmp_path) for name in NAMES]
    connection, asking = Connection(program), Asking()
    unbound = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    promised = setsc(SETSC_SOCKET, unbound, SESSION_LASTING, on_net=True)
    systemctl("start", "odmd-holders.service")
    before = show("MainPID"), show("MainPID", "odmd-holders.service")
    asking.wait_for_answers(20)
    run("dpkg", "--install", "--force-confold", *later)
    assert show("MainPID") not in (before[0], "0") and show("ActiveState") == "active"
    assert show("MainPID", "odmd-holders.service") != before[1]
    asking.wait_for_answers(20)
    asking.end()
    assert set(asking.outcomes) <= {"answered", "told"} and asking.outcomes.count("told") <= 1
    assert connection.echoes("still here") and connection.address in addresses()
    assert getsc(SETSC_SOCKET, unbound) == (promised, SESSION_LASTING)
    assert Path("/etc/odmd/odmd.conf").read_text() == ON_LOOPBACK, "what the administrator wrote stays"
    connection.close(), unbound.close()
    wait_until(lambda: addresses() == "", "the addresses go with their sockets")


def test_removed_it_leaves_what_was_configured_and_addresses_in_use():
    with socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as sock:
        address = setsc(SETSC_SOCKET, sock, SESSION_LASTING)
        sock.bind((address, 0))
        run("dpkg", "--remove", *reversed(NAMES))
        assert address in addresses()
    assert Path("/etc/odmd/odmd.conf").exists() and not Path("/run/odm/setsc").exists()
    assert not Path("/usr/sbin/odmd").exists()


def test_purged_it_leaves_nothing():
    run("dpkg", "--purge", *NAMES)
    for path in ("/etc/odmd", "/var/lib/odmd", "/run/odmd", "/run/odm"):
        assert not Path(path).exists(), path
    left = [path for path in Path("/etc").rglob("*odmd*")] + [path for path in Path("/usr").rglob("*odmd*")]
    assert left == []


def test_the_scripts_wrote_no_warnings():
    assert "odmd" not in run("journalctl", "--priority=warning", "--output=cat", "--unit=odmd.service")
