"""Runs unaware.c, a program that knows nothing of odmd, with and without the preloaded library."""

import contextlib
import socket
import subprocess
import sys
from pathlib import Path

from daemon import RELEASE
from host import finish
from network import SERVER

HERE = Path(__file__).parent
LIBRARY = RELEASE / "libodm-preload.so"
#: The router swallows what is sent there.
NOWHERE = ("2001:db8:99::1", 9)

# A /dev of its own, with the test's socket as its log.
WITH_LOG = """
mount -t tmpfs none /dev && mknod -m 666 /dev/null c 1 3 && ln -s "$1" /dev/log && shift && exec "$@"
"""


def build(output):
    subprocess.run(["cc", "-std=gnu11", "-O1", "-Wall", "-Wextra", "-Werror", "-pthread", "-o", output,
                    HERE / "unaware.c"], check=True)
    return output


@contextlib.contextmanager
def source_server(namespace):
    """A server on the correspondent, by TCP and UDP; yields its address and port."""
    with namespace:
        listener = socket.create_server((SERVER, 0), family=socket.AF_INET6, backlog=128)
        datagrams = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
        datagrams.bind((SERVER, listener.getsockname()[1]))
    numbers = [each.fileno() for each in (listener, datagrams)]
    process = namespace.start(sys.executable, str(HERE / "source_server.py"), *map(str, numbers), pass_fds=numbers)
    try:
        yield listener.getsockname()[:2]
    finally:
        finish(process)
        listener.close()
        datagrams.close()


class Unaware:
    """The program, on a host. `log` has what it was told since."""

    def __init__(self, program, host, server):
        self.program, self.host, self.server = program, host, server
        self.daemon_socket = host.daemon.setsc_socket
        self.log_path = host.daemon.directory / "syslog"
        self.log_socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.log_socket.bind(str(self.log_path))
        self.log_socket.setblocking(False)

    def close(self):
        self.log_socket.close()

    @property
    def log(self):
        lines = []
        with contextlib.suppress(BlockingIOError):
            while True:
                lines.append(self.log_socket.recv(4096).decode())
        return lines

    def __call__(self, case, wishes=None, server=None):
        """The lines that it prints, with these wishes (ODM_RUN) if there are any."""
        address, port = server or self.server
        environment = []
        if wishes is not None:
            environment = [f"LD_PRELOAD={LIBRARY}", f"ODM_RUN={wishes}", f"ODM_SOCKET={self.daemon_socket}"]
        with self.host.namespace:
            done = subprocess.run(
                ["unshare", "--mount", "sh", "-c", WITH_LOG, "sh", self.log_path,
                 "env", *environment, self.program, case, address, str(port)],
                text=True, capture_output=True, timeout=60)
        assert done.returncode == 0, f"{case}: {done.returncode}\n{done.stdout}{done.stderr}"
        assert done.stderr == ""
        return done.stdout.splitlines()


def results(lines):
    """What it printed but for source addresses."""
    return [line for line in lines if not line.startswith("source ")]


def sources(lines):
    return [line.split()[1] for line in lines if line.startswith("source ")]
