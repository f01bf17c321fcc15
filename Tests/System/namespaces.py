"""Network namespaces without names: each lives as long as a descriptor of this process, so nothing is left
behind however a run ends, and two runs cannot meet."""

import ctypes
import json
import os
import signal
import subprocess
from pathlib import Path

CLONE_NEWNET = 0x40000000
PR_SET_PDEATHSIG = 1

libc = ctypes.CDLL(None, use_errno=True)


def _check(result, what):
    if result != 0:
        raise OSError(ctypes.get_errno(), f"{what}: {os.strerror(ctypes.get_errno())}")


def die_with_parent():
    """For preexec_fn: the child is killed when this process ends, also when that is by SIGKILL."""
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


class Namespace:
    """A network namespace. `with namespace:` puts this thread, and what it starts, inside."""

    def __init__(self):
        home = os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
        try:
            _check(libc.unshare(CLONE_NEWNET), "unshare")
            self.descriptor = os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
        finally:
            _check(libc.setns(home, CLONE_NEWNET), "setns")
            os.close(home)
        self._before = []
        # DAD takes a second, and these links have nobody else on them.
        for name in ("all", "default"):
            self.set_sysctl(f"net/ipv6/conf/{name}/accept_dad", 0)
            self.set_sysctl(f"net/ipv6/conf/{name}/accept_ra", 0)
        self.ip("link set lo up")

    def __enter__(self):
        self._before.append(os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC))
        _check(libc.setns(self.descriptor, CLONE_NEWNET), "setns")
        return self

    def __exit__(self, *_):
        before = self._before.pop()
        _check(libc.setns(before, CLONE_NEWNET), "setns")
        os.close(before)

    @property
    def path(self):
        """What iproute2 takes in place of a name."""
        return f"/proc/{os.getpid()}/fd/{self.descriptor}"

    def close(self):
        os.close(self.descriptor)

    def start(self, *command, **options):
        """Starts a program inside; it does not outlive this process."""
        with self:
            return subprocess.Popen(command, preexec_fn=die_with_parent, **options)

    def run(self, *command, **options):
        """Runs a program inside and returns what it printed."""
        with self:
            return subprocess.run(command, check=True, text=True, capture_output=True, **options).stdout

    def ip(self, lines):
        """Runs `ip -6` commands, one on each line."""
        with self:
            done = subprocess.run(["ip", "-6", "-batch", "-"], input=lines, text=True, capture_output=True)
        assert done.returncode == 0, f"ip: {done.stderr}\n{lines}"

    def ip_json(self, *arguments):
        return json.loads(self.run("ip", "-6", "-json", *arguments) or "[]")

    def set_sysctl(self, name, value):
        with self:
            Path("/proc/sys", name).write_text(str(value))

    def sysctls(self):
        """All of net/ipv6 that can be read, to be compared with later."""
        with self:
            root = Path("/proc/sys/net/ipv6")
            return {str(path): _read(path) for path in sorted(root.rglob("*")) if path.is_file()}


def _read(path):
    try:
        return path.read_text()
    except OSError as error:  # some are for writing only, some have no value yet
        return error.errno
