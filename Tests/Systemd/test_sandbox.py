"""What the services may do, and what they may not. Runs inside the container that container.sh makes."""

import contextlib
import json
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "System"))

from container import SETSC_SOCKET, configured, run, show, wait_until  # noqa: E402
from setsc_client import SESSION_LASTING, setsc  # noqa: E402

CAP_DAC_READ_SEARCH, CAP_NET_BIND_SERVICE, CAP_NET_ADMIN, CAP_NET_RAW, CAP_SYS_PTRACE = 2, 10, 12, 13, 19
HOLDERS = "odmd-holders.service"
# The units of services that do something like it (peer-units.sh).
PEERS = Path(__file__).resolve().parents[2] / ".build/peers"


def status(unit):
    lines = Path(f"/proc/{show('MainPID', unit)}/status").read_text().splitlines()
    return dict(line.split(":\t", 1) for line in lines if ":\t" in line)


def of(*capabilities):
    return sum(1 << capability for capability in capabilities)


def ask_who_looks(packet):
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as asking:
        asking.settimeout(5)
        asking.connect("/run/odm/holders")
        asking.send(packet)
        return asking.recv(1 << 16)


def test_the_daemon_has_few_privileges(service):
    its_status = status("odmd.service")
    expected = of(CAP_NET_BIND_SERVICE, CAP_NET_ADMIN, CAP_NET_RAW)
    for name in ("CapBnd", "CapPrm", "CapEff", "CapAmb"):
        assert int(its_status[name], 16) == expected, name
    assert its_status["Uid"].split()[0] != "0" and its_status["NoNewPrivs"] == "1" and its_status["Seccomp"] == "2"
    assert Path(f"/proc/{show('MainPID')}").owner() == "odmd"


def test_who_looks_into_processes_can_do_nothing_else(service):
    ask_who_looks(bytes(9))
    its_status = status(HOLDERS)
    for name in ("CapBnd", "CapPrm", "CapEff", "CapAmb"):
        assert int(its_status[name], 16) == of(CAP_DAC_READ_SEARCH, CAP_SYS_PTRACE), name
    assert its_status["Uid"].split()[0] not in ("0", status("odmd.service")["Uid"].split()[0])
    assert its_status["NoNewPrivs"] == "1" and its_status["Seccomp"] == "2"
    links = run("nsenter", f"--net=/proc/{show('MainPID', HOLDERS)}/ns/net", "ip", "-o", "link")
    assert re.findall(r"^\d+: (\S+):", links, re.MULTILINE) == ["lo"]


def test_only_the_daemon_may_ask_for_holders(service):
    path = Path("/run/odm/holders")
    assert (path.stat().st_mode & 0o777, path.owner()) == (0o600, "odmd")
    done = subprocess.run(
        ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", sys.executable, "-c",
         f"import socket; socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET).connect({str(path)!r})"],
        text=True, capture_output=True)
    assert "PermissionError" in done.stderr


@pytest.mark.parametrize("packet", [b"x", bytes(8), bytes([2] * 9), bytes(2 + 8 * 4096), bytes(1 + 8 * 4096)])
def test_nonsense_does_not_hurt_who_looks(service, packet):
    """The last of them is no nonsense: the longest question."""
    ask_who_looks(bytes(9))
    before = show("MainPID", HOLDERS)
    assert len(ask_who_looks(packet)) == (4097 if packet == bytes(1 + 8 * 4096) else 0)
    assert len(ask_who_looks(bytes(9))) == 2 and show("MainPID", HOLDERS) == before != "0"


# Tries one after the other what the sandbox refuses, from within it: as a helper. Writes down what was refused.
INTRUDER = """#!/usr/bin/python3
import ctypes, errno, json, mmap, os, socket
libc = ctypes.CDLL(None, use_errno=True)

def call(function, *arguments):
    if function(*arguments) == -1:
        raise OSError(ctypes.get_errno(), "")

def send(address, scope=0):
    socket.socket(socket.AF_INET6, socket.SOCK_DGRAM).sendto(b"", (address, 9, 0, scope))

attempts = {
    "write /etc": lambda: open("/etc/odmd/x", "w"),
    "write /usr": lambda: open("/usr/x", "w"),
    "write /var/lib": lambda: open("/var/lib/x", "w"),
    "write /run": lambda: open("/run/x", "w"),
    "write sysctl": lambda: open("/proc/sys/net/ipv6/conf/up0/accept_ra", "w"),
    "write cgroup": lambda: open("/sys/fs/cgroup/cgroup.procs", "w"),
    "homes": lambda: os.listdir("/root"),
    "processes of others": lambda: os.stat("/proc/1"),
    "the kernel's log": lambda: open("/dev/kmsg"),
    "set user": lambda: os.setuid(65534),
    "add address": lambda: call(lambda: -os.system("ip address add 2001:db8:99::1 dev up0 2>/dev/null") and -1),
    "raw socket": lambda: socket.socket(socket.AF_INET6, socket.SOCK_RAW, 58),
    "IPv4": lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM),
    "packet socket": lambda: socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM),
    "packet to the world": lambda: send("2001:db8:53::1"),
    "namespaces": lambda: call(libc.unshare, 0x10000000),
    "mount": lambda: call(libc.mount, b"none", b"/run/odmd", b"tmpfs", 0, None),
    "write and execute": lambda: mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC),
    "set-user-ID": lambda: os.chmod("/run/odmd/intruder", 0o4755),
    "real time": lambda: os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1)),
    "personality": lambda: call(libc.personality, 0x0400000),
    "host name": lambda: socket.sethostname("x"),
    "clock": lambda: __import__("time").clock_settime(0, 0),
    "kernel module": lambda: call(libc.syscall, 313, -1, b"", 0),
}
open("/run/odmd/intruder", "w").close()
send("ff02::1", socket.if_nametoindex("up0"))
done = []
for name, attempt in attempts.items():
    try:
        attempt()
        done.append(name)
    except OSError as error:
        if "packet to" in name and error.errno != errno.EPERM:
            done.append(f"{name}: {error}")
json.dump([len(attempts), done], open("/run/odmd/intruder", "w"))
print('{"version":1,"prefix":"2001:db8:c:77::/64"}')
"""


def test_what_it_does_not_need_is_refused(service):
    helper = Path("/etc/odmd/intruder")
    helper.write_text(INTRUDER)
    helper.chmod(0o755)
    run("ip", "link", "set", "up1", "up")
    run("ip", "-6", "route", "add", "default", "dev", "up0")
    wait_until(lambda: "scope link" in run("ip", "-6", "addr", "show", "dev", "up0", "-tentative"), "up0 is ready")
    with configured(f"[Type session-lasting]\nLingerSec=0\n[Source intruder]\nKind=helper\nTypes=session-lasting\n"
                    f"Command={helper}\n"), socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as sock:
        assert setsc(SETSC_SOCKET, sock, SESSION_LASTING).startswith("2001:db8:c:77:")
        assert json.loads(Path("/run/odmd/intruder").read_text()) == [24, []]
        sock.close()
        wait_until(lambda: not list(Path("/var/lib/odmd/leases").iterdir()), "it is given back")
    helper.unlink()
    run("ip", "-6", "route", "del", "default", "dev", "up0")


def exposure(unit):
    done = run("systemd-analyze", "security", "--offline=true", "--no-pager", unit)
    return float(re.search(r"exposure level for \S+: ([0-9.]+)", done).group(1))


@contextlib.contextmanager
def without_hooks():
    """As where odmd-hooks is not installed: systemd.unit(5) has a drop-in of that name in /etc come first."""
    drop_in = Path("/etc/systemd/system/odmd.service.d/50-hooks.conf")
    drop_in.parent.mkdir(exist_ok=True)
    drop_in.symlink_to("/dev/null")
    yield
    drop_in.unlink()


def test_it_is_less_exposed_than_its_peers(capsys):
    with without_hooks():
        ours = {name: exposure(name) for name in ("odmd.service", HOLDERS)}
    ours |= {"odmd.service, with hooks": exposure("odmd.service"), "odmd-hooks.service": exposure("odmd-hooks.service")}
    peers = {path.stem: exposure(str(path)) for path in PEERS.glob("*.service")}
    with capsys.disabled():
        print("\nwhat systemd-analyze security says of exposure:")
        for name, value in sorted((ours | peers).items(), key=lambda item: item[1]):
            print(f"    {value:4.1f}  {name}")
    assert ours["odmd.service"] <= 1.5
    assert ours["odmd.service, with hooks"] <= 1.7
    assert ours["odmd.service"] < peers["systemd-networkd"]
    assert ours["odmd.service"] < peers["systemd-resolved"]


def test_its_names_are_shown(service):
    with socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as sock:
        setsc(SETSC_SOCKET, sock, SESSION_LASTING)
        assert "proto odmd" in run("ip", "-6", "rule")
        assert "proto odmd" in run("ip", "-6", "route", "show", "table", "all")
