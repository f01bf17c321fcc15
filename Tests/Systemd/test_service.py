"""odmd as a service. These tests run inside the container that container.sh makes."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "System"))

from container import (CONFIGURATION, SETSC_SOCKET, addresses, configured, run, serving, show, systemctl,  # noqa: E402
                       wait_until)
from fake_router import PrefixInformation, advertisement  # noqa: E402
from setsc_client import NON_PERSISTENT, SESSION_LASTING, Refused, getsc, setsc  # noqa: E402

DROP_IN = Path("/run/systemd/system/odmd.service.d/test.conf")


def journal(**fields):
    run("journalctl", "--sync")
    matches = [f"{name}={value}" for name, value in fields.items()]
    printed = run("journalctl", "--output=json", "_SYSTEMD_UNIT=odmd.service", *matches)
    return [json.loads(line) for line in printed.splitlines()]


def wait_until_restarted(before):
    wait_until(lambda: show("ActiveState") == "active" and show("MainPID") not in (before, "0"), "restarted")


@contextlib.contextmanager
def unit_changed(text):
    """The unit with a drop-in."""
    DROP_IN.parent.mkdir(parents=True, exist_ok=True)
    DROP_IN.write_text(text)
    systemctl("daemon-reload")
    try:
        yield
    finally:
        DROP_IN.unlink()
        systemctl("daemon-reload")


def start_application(kind="unbound-on-net"):
    """A program of its own with an unbound socket, and the socket's address."""
    program = Path(__file__).resolve().parents[1] / "System" / "application.py"
    process = subprocess.Popen([sys.executable, program, SETSC_SOCKET, kind], text=True,
                               stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    return process, process.stdout.readline().strip()


def listed_addresses():
    """What the kernel has of ours."""
    rows = json.loads(run("ip", "-6", "-json", "addr", "show", "to", "2001:db8:a::/56") or "[]")
    return {info["local"] for link in rows for info in link.get("addr_info", []) if "local" in info}


@pytest.fixture
def bound():
    with socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as sock:
        address = setsc(SETSC_SOCKET, sock, SESSION_LASTING)
        sock.bind((address, 0))
        yield sock, address


def test_it_is_ready_and_says_its_status(service):
    assert show("ActiveState") == "active"
    assert show("SubState") == "running"
    assert show("StatusText") != ""


def test_a_program_gets_an_address(service, bound):
    _, address = bound
    assert address in addresses()
    assert address in run("odmctl", "addresses")
    held = json.loads(run("odmctl", "acquire", "session-lasting", "--on-net", "--json"))["address"]
    assert held in addresses()
    run("odmctl", "release", held)


def test_files_are_where_they_belong(service):
    assert Path(SETSC_SOCKET).is_socket() and Path("/run/odm/admin").is_socket()
    secret = Path("/var/lib/odmd/secret")
    assert (secret.stat().st_mode & 0o777, secret.owner()) == (0o600, "odmd")
    assert Path("/run/odmd/sockets").owner() == "odmd" and Path("/run/odm").owner() == "root"


def test_reload(service):
    before = show("MainPID")
    Path("/etc/odmd/odmd.conf").write_text(CONFIGURATION.replace("home", "elsewhere"))
    systemctl("reload", "odmd.service")
    assert "elsewhere" in run("odmctl", "sources"), "reload is done when systemctl says so"
    Path("/etc/odmd/odmd.conf").write_text(CONFIGURATION)
    systemctl("reload", "odmd.service")
    assert "home" in run("odmctl", "sources")
    assert show("MainPID") == before and show("ActiveState") == "active"


# Sources that are asked, under the sandbox

HELPERS_ARE_NOBODY = """
[Service]
CapabilityBoundingSet=CAP_SETUID CAP_SETGID CAP_KILL
AmbientCapabilities=CAP_SETUID CAP_SETGID CAP_KILL
SystemCallFilter=@setuid
"""


@pytest.mark.parametrize("user, drop_in", [("odmd", ""), ("nobody", HELPERS_ARE_NOBODY)])
def test_a_helper_program_runs_without_privileges(user, drop_in):
    """It must be startable, and what it says must reach us."""
    helper = Path("/etc/odmd/helper")
    helper.write_text(f"""#!/bin/sh
        [ "$(id -un)" = {user} ] || exit 69
        grep -q '^CapEff:.0*$' /proc/self/status && grep -q '^CapAmb:.0*$' /proc/self/status || exit 69
        grep -q '^CapPrm:.0*$' /proc/self/status || exit 69
        echo '{{"version":1,"prefix":"2001:db8:a:77::/64"}}'
        """)
    helper.chmod(0o755)
    with unit_changed(drop_in), serving(), configured(
            f"[Type session-lasting]\nLingerSec=0\n[Source modem]\nKind=helper\nTypes=session-lasting\n"
            f"Command={helper}\n"):
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as sock:
            assert setsc(SETSC_SOCKET, sock, SESSION_LASTING).startswith("2001:db8:a:77:")
        wait_until(lambda: addresses() == "", "it goes with its socket")
        wait_until(lambda: not list(Path("/var/lib/odmd/leases").iterdir()), "its prefix is given back")


def test_routers_are_heard_where_the_kernel_ignores_them(service):
    run("ip", "link", "set", "up1", "up")
    # The router is on this host as well, and would hear itself.
    for interface in ("up0", "up1"):
        Path(f"/proc/sys/net/ipv6/conf/{interface}/accept_ra").write_text("0")
    with configured("[Type non-persistent]\nLingerSec=0\n"), \
            socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6) as router, \
            socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as sock:
        router.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, 255)
        target = ("ff02::1", 0, 0, socket.if_nametoindex("up1"))
        wait_until(lambda: "scope link" in run("ip", "-6", "addr", "show", "dev", "up1", "-tentative"), "up1 is ready")
        router.sendto(advertisement(PrefixInformation("2001:db8:a:88::/64"), router_lifetime=0), target)
        assert setsc(SETSC_SOCKET, sock, NON_PERSISTENT).startswith("2001:db8:a:88:")
        sock.close()
        wait_until(lambda: addresses() == "", "it goes with its socket")


def test_dhcpv6_servers_are_asked(service):
    """A raw socket, and the port of clients: 1 is Solicit."""
    with configured("[Source net]\nKind=dhcpv6\nTypes=session-lasting\nInterface=up0\n"), \
            socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as server:
        run("ip", "link", "set", "up1", "up")
        server.settimeout(5)
        server.bind(("::", 547))
        group = socket.inet_pton(socket.AF_INET6, "ff02::1:2") + socket.if_nametoindex("up1").to_bytes(4, "little")
        server.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_JOIN_GROUP, group)
        with subprocess.Popen(["odmctl", "acquire", "session-lasting"], stdout=subprocess.DEVNULL) as command:
            message, (_, port, *_) = server.recvfrom(2000)
            command.terminate()
        assert (message[0], port) == (1, 546)
        assert b"odm-session-lasting" in message


def test_a_bad_configuration_is_refused_by_the_reload(service):
    Path("/etc/odmd/odmd.conf").write_text("[Daemon]\nLogLevel=loud\n")
    assert subprocess.run(["systemctl", "reload", "odmd.service"], capture_output=True).returncode != 0
    assert any("/etc/odmd/odmd.conf:2: " in entry["MESSAGE"] for entry in journal()), "the mistake is in the journal"
    Path("/etc/odmd/odmd.conf").write_text(CONFIGURATION)
    systemctl("reload", "odmd.service")
    assert show("ActiveState") == "active"


def test_a_bad_configuration_at_start_is_final():
    Path("/etc/odmd/odmd.conf").write_text("[Daemon]\nLogLevel=loud\n")
    assert subprocess.run(["systemctl", "start", "odmd.service"], capture_output=True).returncode != 0
    assert show("ExecMainStatus") == "78"
    assert show("NRestarts") == "0" and show("ActiveState") == "failed"
    Path("/etc/odmd/odmd.conf").write_text(CONFIGURATION)
    systemctl("reset-failed")


def test_the_journal_has_levels_and_fields(service, bound):
    entries = journal()
    ours = [entry for entry in entries if entry.get("_COMM") == "odmd"]
    assert ours
    assert {entry["SYSLOG_IDENTIFIER"] for entry in ours} == {"odmd"}
    assert {entry["PRIORITY"] for entry in ours} <= {"3", "4", "6", "7"}
    assert {entry["_TRANSPORT"] for entry in ours} == {"journal"}, "entries, not lines of standard error"
    assert not any(entry["MESSAGE"].startswith(("<", "odmd:")) for entry in ours)


def test_grants_and_refusals_are_found_in_the_journal(service):
    """By the identifiers and fields that docs/logging.md promises."""
    run("odmctl", "log-level", "debug")
    with socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as sock:
        cookie = f"{int.from_bytes(sock.getsockopt(socket.SOL_SOCKET, 57, 8), 'little'):x}"  # SO_COOKIE
        address = setsc(SETSC_SOCKET, sock, SESSION_LASTING)
        with pytest.raises(Refused):
            setsc(SETSC_SOCKET, sock, NON_PERSISTENT)
        (grant,) = journal(MESSAGE_ID="1f0edf756d1b445e91d7f5dd7873418a", ODM_SOCKET=cookie)
        (denial,) = journal(MESSAGE_ID="e4387e6f61604d93a03f708ab925ce5d", ODM_SOCKET=cookie)
    assert (grant["ODM_TYPE"], grant["ODM_ADDRESS"], grant["UID"]) == ("session-lasting", address, "0")
    assert (denial["ODM_TYPE"], denial["ODM_REASON"], denial["UID"]) == ("non-persistent", "no_source", "0")
    assert (grant["PRIORITY"], denial["PRIORITY"]) == ("7", "6")


ENDS = {
    "killed": ("kill", "--signal=KILL"), "restarted": ("restart",), "stopped and started": ("stop",),
}


def end_and_begin(end, meanwhile=lambda: None):
    """The service ends in one of the ways, and goes on as another process."""
    before = show("MainPID")
    # What happens meanwhile does so before systemd starts the killed service again.
    with unit_changed("[Service]\nRestartSec=500ms\n"):
        systemctl(*ENDS[end], "odmd.service")
        meanwhile()
        if end != "killed":
            systemctl("start", "odmd.service")
        wait_until_restarted(before)


@pytest.mark.parametrize("end", ENDS)
def test_sockets_keep_their_addresses_and_nothing_is_left(service, bound, end):
    """Bound and unbound, of this process and of others, in the sandbox of the unit."""
    sock, address = bound
    unbound = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    promised = setsc(SETSC_SOCKET, unbound, SESSION_LASTING, on_net=True)
    others = [start_application() for _ in range(2)]
    kept, gone = (address for _, address in others)

    def meanwhile():
        assert {address, promised, kept, gone} <= listed_addresses()
        others[1][0].kill()
        others[1][0].wait()

    end_and_begin(end, meanwhile)
    wait_until(lambda: listed_addresses() == {address, promised, kept}, f"{gone} goes, the others stay")
    time.sleep(0.5)
    assert listed_addresses() == {address, promised, kept}
    assert getsc(SETSC_SOCKET, unbound) == (promised, SESSION_LASTING)
    unbound.bind((promised, 0))
    unbound.close(), sock.close()
    others[0][0].kill()
    others[0][0].wait()
    wait_until(lambda: listed_addresses() == set(), "nothing is left")
    assert json.loads(run("odmctl", "sockets", "--json"))["sockets"] == []


@pytest.mark.parametrize("end", ["killed", "stopped and started"])
def test_a_socket_that_is_closed_meanwhile(service, end):
    """It was never bound, and the process that asked for it lives on: whoever may look into it is asked."""
    process, address = start_application("closing")

    def close():
        process.stdin.write("\n")
        process.stdin.flush()
        assert process.stdout.readline() == "closed\n"

    try:
        end_and_begin(end, close)
        wait_until(lambda: address not in listed_addresses(), "it goes, and the process stays")
        assert process.poll() is None
    finally:
        process.kill()
        process.wait()


@pytest.mark.parametrize("end", ["killed", "stopped and started"])
def test_a_socket_that_only_an_heir_holds(service, end):
    """It was never bound, and the process that asked for it has ended: another has it still."""
    process, address = start_application("unbound-forked")
    process.wait()
    try:
        end_and_begin(end)
        time.sleep(0.5)
        assert address in listed_addresses()
    finally:
        process.stdin.close()
    wait_until(lambda: address not in listed_addresses(), "it goes with the heir")


def test_without_anybody_who_may_look_sockets_stay_in_doubt(service):
    process, address = start_application("closing")

    def close():
        process.stdin.write("\n")
        process.stdin.flush()
        assert process.stdout.readline() == "closed\n"
        systemctl("stop", "odmd-holders.socket", "odmd-holders.service")
        systemctl("mask", "--runtime", "odmd-holders.socket")

    try:
        end_and_begin("killed", close)
        time.sleep(0.5)
        assert address in listed_addresses()
        assert any("/run/odm/holders" in entry["MESSAGE"] for entry in journal(PRIORITY=4))
    finally:
        systemctl("unmask", "--runtime", "odmd-holders.socket")
        systemctl("start", "odmd-holders.socket")
        process.kill()
        process.wait()
    wait_until(lambda: address not in listed_addresses(), "it goes when there is somebody again")


def test_twenty_kills(service, bound):
    """As fast as systemd starts it again."""
    sock, address = bound
    with unit_changed("[Unit]\nStartLimitIntervalSec=0\n[Service]\nRestartSec=0\n"):
        for _ in range(20):
            before = show("MainPID")
            systemctl("kill", "--signal=KILL", "odmd.service")
            wait_until_restarted(before)
            assert address in addresses()
    sock.close()
    wait_until(lambda: addresses() == "", "it goes with its socket")


def test_a_stop_keeps_an_address_in_use_and_a_start_finds_it(service, bound):
    sock, address = bound
    systemctl("stop", "odmd.service")
    assert show("ActiveState") == "inactive" and show("Result") == "success"
    assert address in addresses()
    systemctl("start", "odmd.service")
    assert address in addresses() and address in run("odmctl", "addresses")
    sock.close()
    wait_until(lambda: addresses() == "", "it goes with its socket")


def test_a_crash_is_mended(service, bound):
    sock, address = bound
    before = show("MainPID")
    os.kill(int(before), signal.SIGKILL)
    wait_until_restarted(before)
    assert address in addresses() and address in run("odmctl", "addresses")


def test_a_crash_loop_ends_and_takes_nothing_with_it(service, bound):
    """systemd gives up after some crashes; whoever starts it again finds everything."""
    sock, address = bound

    def crashed():
        if show("ActiveState") == "active":
            systemctl("kill", "--signal=KILL", "odmd.service")
        return show("ActiveState") == "failed"

    wait_until(crashed, "systemd gives up", 30)
    assert address in addresses()
    systemctl("reset-failed")
    systemctl("start", "odmd.service")
    assert address in addresses() and getsc(SETSC_SOCKET, sock) == (address, SESSION_LASTING)
    sock.close()
    wait_until(lambda: addresses() == "", "it goes with its socket")


def test_the_watchdog_restarts_a_daemon_that_hangs():
    with unit_changed("[Service]\nWatchdogSec=1\n"), serving(), \
            socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as sock:
        address = setsc(SETSC_SOCKET, sock, SESSION_LASTING)
        before = show("MainPID")
        time.sleep(2.5)
        assert show("MainPID") == before, "one that does not hang is left alone"
        os.kill(int(before), signal.SIGSTOP)
        wait_until_restarted(before)
        assert getsc(SETSC_SOCKET, sock) == (address, SESSION_LASTING) and address in addresses()


def test_the_journal_is_clean():
    """Of the last tests: odmd had nothing to complain of but the bad configurations, and hooks that were not loaded."""
    complaints = [entry["MESSAGE"] for entry in journal() if int(entry["PRIORITY"]) <= 4
                  and entry.get("_COMM") == "odmd" and "odmd.conf" not in entry["MESSAGE"]
                  and "onfiguration" not in entry["MESSAGE"] and "/run/odm/holders" not in entry["MESSAGE"]
                  and "going on without hooks" not in entry["MESSAGE"]]
    assert complaints == []


def test_nothing_that_it_needs_was_refused():
    """Neither by the kernel's filter (an audit record of SECCOMP) nor as an error that the daemon wrote down."""
    run("journalctl", "--sync")
    entries = run("journalctl", "--output=cat", "_SYSTEMD_UNIT=odmd.service", "+", "_SYSTEMD_UNIT=odmd-holders.service")
    refusals = ("Operation not permitted", "Permission denied")
    assert [line for line in entries.splitlines() if any(refusal in line for refusal in refusals)] == []
    assert "SIGSYS" not in run("journalctl", "--output=cat")
