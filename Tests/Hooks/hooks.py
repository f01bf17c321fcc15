"""The programs in the kernel, for a control group and with namespaces of a test's own."""

import contextlib
import ctypes
import os
import socket
import struct
import subprocess
import tempfile
import time
from ipaddress import IPv6Address
from pathlib import Path

import kernel_maps
from daemon import RELEASE
from namespaces import Namespace

PROGRAM = RELEASE / "odmd-hooks"
CGROUP_MOUNT = next(path for path in map(Path, ("/sys/fs/cgroup/unified", "/sys/fs/cgroup"))
                    if (path / "cgroup.controllers").exists())
CLONE_NEWNS = 0x20000
FIXED, SESSION_LASTING, NON_PERSISTENT = 1, 2, 3
SO_NETNS_COOKIE = 71

#: The server's, and what the kernel has as source for it; and the types' addresses.
SERVER = "2001:db8:9::9"
ADDRESS = "2001:db8:5::5"
OTHER_ADDRESS = "2001:db8:6::6"


def run(*arguments, check=True):
    done = subprocess.run([str(PROGRAM), *map(str, arguments)], text=True, capture_output=True)
    assert not check or done.returncode == 0, done.stderr
    return done


def move_into(group):
    (group / "cgroup.procs").write_text("0")


def own_group():
    path = next(line[3:] for line in Path("/proc/self/cgroup").read_text().splitlines() if line.startswith("0::"))
    return CGROUP_MOUNT / path.lstrip("/")


@contextlib.contextmanager
def own_mounts():
    """A mount namespace with a BPF file system, whose directory is given; what is pinned there goes with it."""
    home = os.open("/proc/self/ns/mnt", os.O_RDONLY | os.O_CLOEXEC)
    directory = Path(os.getcwd())
    try:
        if kernel_maps.libc.unshare(CLONE_NEWNS):
            raise OSError(ctypes.get_errno(), "unshare")
        subprocess.run(["mount", "--make-rprivate", "/"], check=True)
        if Path("/run/systemd/system").exists():  # of the machine: it is not to be asked for scopes
            subprocess.run(["mount", "-t", "tmpfs", "none", "/run/systemd"], check=True)
        with tempfile.TemporaryDirectory(prefix="odm-hooks.") as place:
            subprocess.run(["mount", "-t", "bpf", "bpf", place], check=True)
            try:
                yield Path(place)
            finally:
                subprocess.run(["umount", "--lazy", place], check=True)
    finally:
        kernel_maps.libc.setns(home, CLONE_NEWNS)
        os.close(home)
        os.chdir(directory)


def remove_group(group):
    """The kernel lets go of a group only a moment after its last process."""
    for below in (path for path in group.iterdir() if path.is_dir()):
        remove_group(below)
    deadline = time.monotonic() + 5
    while True:
        try:
            return group.rmdir()
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.01)


class Surroundings:
    """Namespaces and a control group; this process is in all of them while the test runs."""

    def __init__(self, place):
        self.place, self.pin = place, place / "odm"
        self.group = Path(tempfile.mkdtemp(prefix="odm-test.", dir=CGROUP_MOUNT))
        self.namespace = Namespace()
        self.namespace.set_sysctl("net/ipv4/ping_group_range", "0 0")
        for address in (SERVER, ADDRESS, OTHER_ADDRESS):
            self.namespace.ip(f"address add {address}/128 dev lo nodad")
        self.options = ["--cgroup", self.group, "--pin", self.pin, "--owner", "root"]

    @contextlib.contextmanager
    def entered(self):
        before = own_group()
        with self.namespace:
            move_into(self.group)
            try:
                yield
            finally:
                move_into(before)

    def close(self):
        run("unload", "--pin", self.pin)
        self.namespace.close()
        remove_group(self.group)

    def nothing_is_left(self):
        shown = subprocess.run(["bpftool", "cgroup", "show", self.group], text=True, capture_output=True, check=True)
        left = sorted(path.name for path in self.place.iterdir() if not path.name.endswith(".debug"))
        return left == [] and "odm_" not in shown.stdout


class Hooks:
    """The programs, loaded, and their maps."""

    def __init__(self, surroundings):
        self.surroundings = surroundings
        run("load", *surroundings.options)
        pin = surroundings.pin
        self.state = kernel_maps.State(pin / "state")
        self.tracked = kernel_maps.Tracked(pin / "tracked")
        self.reports = kernel_maps.Reports(pin / "reports")
        self.assignments = kernel_maps.PinnedMap(pin / "assignments")
        self.addresses = kernel_maps.PinnedMap(pin / "addresses")
        self.assigned = 0
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as probe:
            self.set_network(struct.unpack("=Q", probe.getsockopt(socket.SOL_SOCKET, SO_NETNS_COOKIE, 8))[0])

    def close(self):
        for each in (self.state, self.tracked, self.reports, self.assignments, self.addresses):
            each.close()

    def set_network(self, cookie):
        self.state.set_network(cookie)

    def assign(self, group, type):
        self.assignments.update(struct.pack("=Q", group.stat().st_ino), struct.pack("=I", type))
        self.assigned += 1
        self.state.set_assignments(self.assigned)

    def set_address(self, type, address):
        self.addresses.update(struct.pack("=I", type), IPv6Address(address).packed)

    def taken(self, kind):
        return [report for report in self.reports.take() if report.kind == kind]
