"""A host that moves, its daemon, and programs of Debian that know nothing of it."""

import contextlib
import ipaddress
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "System"))

from host import Host, finish, wait_until  # noqa: E402
from network import PREFIX  # noqa: E402
from roaming import SERVER, RoamingNetwork  # noqa: E402
from test_moving import all_types, arrive, move  # noqa: E402

#: Programs whose packages would start a service are only unpacked, to here.
UNPACKED = HERE.parents[1] / ".build/legacy"
PATIENCE_SECONDS = 10
#: What goes on says something in this time.
PROGRESS_SECONDS = 3
AGAIN_SECONDS = 0.3


class Program:
    """A process, and what it says."""

    def __init__(self, process):
        self.process, self.said = process, ""
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self):
        with contextlib.suppress(OSError, ValueError):  # it was closed
            while octets := os.read(self.process.stdout.fileno(), 65536):
                self.said += octets.decode(errors="replace")

    def wait_for(self, text, after=0):
        """What follows the text in the first line with it, to the line's end. Of what it says `after` so many
        characters."""
        def line():
            return next((line for line in self.said[after:].splitlines(keepends=True)
                         if text in line and line.endswith("\n")), None)
        wait_until(lambda: line() or not self._reader.is_alive(), f"{text} in {self.said[-500:]}", PATIENCE_SECONDS)
        assert line(), f"no {text}; exit status {self.process.poll()}, said {self.said[-500:]}"
        return line().split(text, 1)[1].strip()

    def goes_on(self):
        """Whether it says something more, and more again: what was on its way already is not enough."""
        for _ in range(2):
            time.sleep(AGAIN_SECONDS)
            before, deadline = len(self.said), time.monotonic() + PROGRESS_SECONDS
            while len(self.said) <= before + 1:
                if time.monotonic() > deadline:
                    return False
                time.sleep(0.02)
        return self.process.poll() is None

    def ends(self, seconds=PROGRESS_SECONDS):
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def close(self):
        finish(self.process)


class Lab:
    """The roaming network of the tests with a daemon, and a directory for what the programs need.

    The programs in the kernel, whose maps are in the directory of hooks, are for the control group of this process."""

    def __init__(self, hooks):
        self.network = RoamingNetwork()
        self.network.deliver_links()
        arrive(self.network)
        self.host = Host(self.network)
        self.host.daemon.options = ["--hooks-directory", str(hooks)]
        self.host.daemon.configure(all_types(graceful_replacement="LingerSec=0\nGraceSec=6", daemon="Hooks=yes"))
        self.host.daemon.start()
        self.directory = Path(tempfile.mkdtemp(prefix="odm-legacy-", dir="/tmp"))
        self.directory.chmod(0o755)
        self._programs = []

    def close(self):
        for program in reversed(self._programs):
            program.close()
        self.host.close()
        self.network.close()
        shutil.rmtree(self.directory)

    def elsewhere(self, *command, **options):
        """A program on the correspondent."""
        return self._start(self.network.cn, command, **options)

    def server(self, port, *command, **options):
        """A server on the correspondent, when it listens."""
        program = self.elsewhere(*command, **options)
        wait_until(lambda: self.listening_at(self.network.cn, port) or program.process.poll() is not None,
                   f"{command[0]} listens")
        return program

    def listening_at(self, namespace, port):
        """The addresses of sockets that wait at a port, by TCP or UDP."""
        lines = namespace.run("ss", "-Hltun6", f"sport = :{port}").splitlines()
        return [line.split()[4].rsplit(":", 1)[0].strip("[]") for line in lines]

    def here(self, *command, wishes=(), **options):
        """A program on the host; with wishes, by `odmctl run` and these options."""
        run = [*self.host.daemon.odmctl_command("run", "--strict"), *wishes, "--"] if wishes else []
        return self._start(self.host.namespace, [*run, *command],
                           env=os.environ | {"ODM_SOCKET": str(self.host.daemon.setsc_socket), "HOME": "/nonexistent"},
                           **options)

    def _start(self, namespace, command, **options):
        process = namespace.start(*map(str, command), stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                  **{"stdin": subprocess.DEVNULL} | options)
        program = Program(process)
        self._programs.append(program)
        return program

    def move(self):
        move(self.host)

    def type_of(self, address):
        """The continuity type of an address, or whose it is."""
        for row in self.host.daemon.administer("addresses")["addresses"]:
            if row["address"] == address:
                return row["type"]
        if ipaddress.ip_address(address) in PREFIX:
            return "gone"
        return "the host's own"

    def is_of_this_network(self, address):
        """Whether an address is of the network that the host is on now."""
        return ipaddress.ip_address(address) in self.network.router.prefix


__all__ = ["SERVER", "UNPACKED", "Lab", "Program", "wait_until"]
