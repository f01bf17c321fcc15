"""Control groups with equal shares of the processors, as systemd gives to services and users."""

import contextlib
import os
import time
from pathlib import Path

#: The hierarchy of version 1, and that of version 2 where somebody has the controller on.
HIERARCHIES = [Path("/sys/fs/cgroup/cpu"), Path("/sys/fs/cgroup")]
TIDY_SECONDS = 2


def hierarchy():
    """Where groups can be made; None if nowhere."""
    for place in HIERARCHIES:
        enabled = place / "cgroup.subtree_control"
        has_controller = (place / "cpu.shares").exists() or enabled.exists() and "cpu" in enabled.read_text().split()
        if has_controller and os.access(place, os.W_OK):
            return place
    return None


def home():
    """The group that this process is in."""
    for line in Path("/proc/self/cgroup").read_text().splitlines():
        number, controllers, path = line.split(":", 2)
        if "cpu" in controllers.split(",") or number == "0" and hierarchy() == HIERARCHIES[1]:
            return hierarchy() / path.lstrip("/")
    return hierarchy()


class Share:
    """A group that has as much as any other."""

    def __init__(self, name):
        self.path = hierarchy() / f"odm-test-{os.getpid()}-{name}"
        self.path.mkdir()

    def take(self, process):
        (self.path / "cgroup.procs").write_text(str(process))

    def command(self, *command):
        """The command, in the group."""
        return ["sh", "-c", f'echo $$ > {self.path}/cgroup.procs && exec "$@"', "sh", *command]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        """Those that go on go home. Those that were killed may take a moment to be gone."""
        deadline = time.monotonic() + TIDY_SECONDS
        while self.path.exists() and time.monotonic() < deadline:
            for process in (self.path / "cgroup.procs").read_text().split():
                with contextlib.suppress(OSError):
                    (home() / "cgroup.procs").write_text(process)
            with contextlib.suppress(OSError):
                self.path.rmdir()
                return
            time.sleep(0.01)
