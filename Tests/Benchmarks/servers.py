"""The programs that are measured: building the floor and the client, starting and stopping servers."""

import ctypes
import json
import os
import signal
import socket
import subprocess
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parent.parent
BUILD = REPOSITORY / ".build" / "benchmarks"
START_SECONDS = 20  # patience for READY=1; valgrind needs some
CLONE_NEWNET = 0x40000000

CONFIGURATION = """\
[Type session-lasting]
Share=host
LingerSec=0

[Source bench]
Kind=static
Types=session-lasting
Prefix=fd00:be:ef00::/40
MaxAddresses=200000
"""


class BenchError(Exception):
    """A measurement could not be made."""


@dataclass(frozen=True)
class Program:
    """A server that can be started: odmd, or a floor."""

    name: str
    path: Path
    configuration: str = CONFIGURATION

    @property
    def is_floor(self) -> bool:
        return self.path.name.startswith("floor")

    def command(self, directory: Path) -> list[str]:
        """The command line for a server whose files are all in `directory`."""
        if self.is_floor:
            return [str(self.path), str(directory / "setsc")]
        configuration = directory / "odmd.conf"
        configuration.write_text(self.configuration)
        return [
            str(self.path),
            f"--config={configuration}",
            f"--runtime-directory={directory / 'runtime'}",
            f"--state-directory={directory / 'state'}",
            f"--socket-directory={directory}",
        ]


FLOOR = Program("floor", BUILD / "floor")


@dataclass
class Server:
    """A server that runs, in a network namespace of its own."""

    program: Program
    process: subprocess.Popen
    directory: Path
    log: Path = field(init=False)

    def __post_init__(self) -> None:
        self.log = self.directory / "log"

    @property
    def argument(self) -> str:
        """How the client is told of it."""
        return f"{self.program.name}={self.process.pid}:{self.directory / 'setsc'}"

    def resident_octets(self) -> int:
        for line in Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024
        raise BenchError(f"{self.program.name} is not running:\n{self.log.read_text()}")

    def death_subscriptions(self) -> int:
        """Netlink sockets in its namespace that hear of the end of sockets (sock_diag's groups 3 and 4)."""
        lines = Path(f"/proc/{self.process.pid}/net/netlink").read_text().splitlines()[1:]
        rows = [line.split() for line in lines]
        return sum(1 for row in rows if int(row[1]) == 4 and int(row[3], 16) != 0)

    def status(self) -> dict:
        """What it tells administrators."""
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(str(self.directory / "admin"))
            connection.sendall(b'{"method": "org.odmd.Manager.Status"}\0')
            reply = b""
            while not reply.endswith(b"\0"):
                reply += connection.recv(65536)
        return json.loads(reply[:-1])["parameters"]

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.kill()


class Readiness:
    """The other end of sd_notify(3)."""

    def __init__(self, directory: Path) -> None:
        self.path = directory / "notify"
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(str(self.path))
        self.environment = os.environ | {"NOTIFY_SOCKET": str(self.path)}

    def arrives(self, timeout: float) -> bool:
        self.socket.settimeout(timeout)
        try:
            return b"READY=1" in self.socket.recv(4096).split(b"\n")
        except TimeoutError:
            return False

    def close(self) -> None:
        self.socket.close()
        self.path.unlink()


def build() -> None:
    """Compiles the programs beside the servers: each is a directory; one uses libodm."""
    BUILD.mkdir(parents=True, exist_ok=True)
    flags = ["-std=gnu11", "-O2", "-Wall", "-Wextra", "-Werror", f"-I{REPOSITORY}/Sources/COdm/include"]
    for name, *libraries in (["floor"], ["client"], ["bystander"], ["unaware", REPOSITORY / ".build/made/libodm.a"]):
        sources = sorted((HERE / name).glob("*.c"))
        subprocess.run(["cc", *flags, "-o", BUILD / name, *sources, *libraries], check=True)


def pinned(command: list[str], processors: set[int]) -> list[str]:
    """The command on these processors, and dead when the driver is."""
    places = ",".join(map(str, sorted(processors)))
    return ["setpriv", "--pdeathsig", "KILL", "taskset", "--cpu-list", places, *command]


def start(program: Program, processors: set[int], wrapper: list[str] | None = None) -> Server:
    """Starts a server with the loopback interface up, and waits until it is ready."""
    directory = Path(tempfile.mkdtemp(prefix=f"{program.name}-"))
    directory.chmod(0o711)  # so that clients need not be root
    readiness = Readiness(directory)
    in_namespace = ["unshare", "--net", "sh", "-c", 'ip link set lo up && exec "$@"', "sh"]
    command = pinned([*in_namespace, *(wrapper or []), *program.command(directory)], processors)
    with (directory / "log").open("wb") as log:
        process = subprocess.Popen(command, env=readiness.environment, stdout=log, stderr=log)
    server = Server(program, process, directory)
    deadline = time.monotonic() + START_SECONDS
    while not readiness.arrives(0.1):
        if process.poll() is not None or time.monotonic() > deadline:
            server.stop()
            raise BenchError(f"{program.name} does not get ready:\n{server.log.read_text()}")
    readiness.close()
    return server


@contextmanager
def timed_start(program: Program, directory: Path, patience: float = 10, end: int = signal.SIGTERM):
    """Starts a server where this process is, and ends it with the signal: milliseconds from exec to READY=1."""
    readiness = Readiness(directory)
    command = program.command(directory)
    log = os.open(directory / "log", os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC)
    begin = time.monotonic_ns()
    process = os.posix_spawn(
        command[0],
        command,
        readiness.environment,
        file_actions=[(os.POSIX_SPAWN_DUP2, log, 1), (os.POSIX_SPAWN_DUP2, log, 2)],
    )
    is_ready = readiness.arrives(patience)
    milliseconds = (time.monotonic_ns() - begin) / 1e6
    try:
        if not is_ready:
            raise BenchError(f"{program.name} does not get ready:\n{(directory / 'log').read_text()}")
        yield milliseconds
    finally:
        os.kill(process, end)
        os.waitpid(process, 0)
        os.close(log)
        readiness.close()


@contextmanager
def on_processors(processors: set[int]):
    """This process, and what it starts meanwhile, on these processors."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, processors)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


@contextmanager
def in_network_of(process: int):
    """This process, and what it starts meanwhile, in the network namespace of another one."""
    with open("/proc/self/ns/net") as before, open(f"/proc/{process}/ns/net") as there:
        enter_network(there.fileno())
        try:
            yield
        finally:
            enter_network(before.fileno())


def enter_network(descriptor: int) -> None:
    if ctypes.CDLL(None, use_errno=True).setns(descriptor, CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "setns")


@contextmanager
def running(programs: list[Program], processors: set[int], wrapper: list[str] | None = None):
    """The programs as servers, started afresh and stopped at the end."""
    servers: list[Server] = []
    try:
        for program in programs:
            servers.append(start(program, processors, wrapper))
        yield servers
    finally:
        for server in servers:
            server.stop()
