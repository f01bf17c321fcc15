"""What a server takes to know again what it knew: after it was killed, and after it missed what the kernel said."""

import json
import signal
import statistics
import subprocess
import time
from contextlib import contextmanager
from dataclasses import dataclass, replace

from clients import Bench, Rows, run_client
from report import Row, value_at_most
from servers import (
    BUILD,
    CONFIGURATION,
    BenchError,
    Program,
    Server,
    in_network_of,
    on_processors,
    pinned,
    running,
    start,
    timed_start,
)

MILLISECOND = 1e6  # in nanoseconds
PATIENCE_SECONDS = 120
KINDS_OF_DUMPS = ("addresses", "sockets")

# An address for each user, so that a few sockets have each.
BY_USER = CONFIGURATION.replace("Share=host", "Share=user")

# Room for 300 sockets that die at a time.
SMALL_BUFFER = """\
[Daemon]
SocketEventBufferBytes=200000

[Type session-lasting]
LingerSec=0

[Type non-persistent]
LingerSec=0

[Source bench]
Kind=static
Types=session-lasting non-persistent
Prefix=fd00:be:ef00::/40
"""


@contextmanager
def holding(server: Server, bench: Bench, *options: object):
    """A client whose sockets outlive the server; its process is in the server's network namespace."""
    command = [str(BUILD / "client"), *map(str, options), "hold", server.argument]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(pinned(command, bench.one_processor), **pipes) as client:
        if not client.stdout.readline():
            raise BenchError(f"client hold: failed\n{server.log.read_text()}")
        yield Server(server.program, client, server.directory)


@dataclass(frozen=True)
class Adoption:
    """A server that was killed starts again, among the addresses and sockets that it had."""

    sizes: tuple[tuple[int, int], ...]  # addresses, sockets
    rounds: int = 7

    def __call__(self, bench: Bench) -> Rows:
        return [
            [row for addresses, sockets in self.sizes for row in self.rows(bench, program, addresses, sockets)]
            for program in bench.programs
        ]

    def rows(self, bench: Bench, program: Program, addresses: int, sockets: int) -> list[Row]:
        if bench.is_quick:
            addresses, sockets = addresses // 10, sockets // 10
        server = start(replace(program, configuration=BY_USER), bench.one_processor)
        try:
            with holding(server, bench, "--calls", sockets, "--users", addresses) as holder:
                server.kill()
                rounds = [self.round(bench, holder) for _ in range(bench.fewer(self.rounds))]
                self.check(holder, addresses, sockets)
        finally:
            server.kill()
        dumps, starts = (statistics.median(column) for column in zip(*rounds, strict=True))
        beyond = statistics.median(taken - dumped for dumped, taken in rounds)
        what = f"start with {addresses:,} addresses, {sockets:,} records"
        return [
            Row(what, "ms", dumps, starts),
            Row(f"{what}: beyond the dumps", "ms", None, beyond, goal=value_at_most(200, "ms")),
        ]

    def round(self, bench: Bench, holder: Server) -> tuple[float, float]:
        """Milliseconds of the kernel's dumps and of a start."""
        [[dumps]] = run_client("dumps", [holder], bench.one_processor)
        dumped = sum(dumps[f"{kind}_took"] for kind in KINDS_OF_DUMPS) / MILLISECOND
        with on_processors(bench.one_processor), in_network_of(holder.process.pid), self.another(holder) as taken:
            return dumped, taken

    @staticmethod
    def another(holder: Server):
        return timed_start(holder.program, holder.directory, PATIENCE_SECONDS, signal.SIGKILL)

    def check(self, holder: Server, addresses: int, sockets: int) -> None:
        """After all these ends nothing is lost, and nothing is counted twice."""
        with in_network_of(holder.process.pid), self.another(holder):
            time.sleep(1)
            found = holder.status()
        if (found["addresses"], found["sockets"]) != (addresses, sockets):
            raise BenchError(f"of {addresses} addresses and {sockets} sockets it has {json.dumps(found)}")


@dataclass(frozen=True)
class Overrun:
    """Many sockets die, and the kernel has no room to say so."""

    what: str
    half_stays: bool = False
    sockets: int = 100_000
    blocks: int = 3

    def __call__(self, bench: Bench) -> Rows:
        sockets = self.sockets // 10 if bench.is_quick else self.sockets
        options = ["--calls", sockets, "--blocks", self.blocks, "--spread"]
        if self.half_stays:
            options.append("--stay")
        programs = [replace(program, configuration=SMALL_BUFFER) for program in bench.programs]
        with running(programs, bench.one_processor) as servers:
            found = run_client("overrun", servers, bench.one_processor, *options)
        return [self.rows(self.what.format(f"{sockets:,}"), blocks) for blocks in found]

    def rows(self, what: str, blocks: list[dict[str, float]]) -> list[Row]:
        dropped = min(block["dropped"] for block in blocks)
        exact = max(max(block["exact"], block["rest"]) for block in blocks)
        return [
            Row(f"{what}: dropped, at least", "", None, dropped, digits=0),
            Row(f"{what}: exact after", "s", None, exact, goal=value_at_most(2, "s"), digits=2),
        ]
