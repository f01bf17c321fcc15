"""The measurements: what each does, and against which goal of the design it is held."""

import os
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from as_a_service import as_a_service
from bystanders import bystanders
from clients import Bench, Rows, run_client
from network_side import NetworkSide
from recovery import Adoption, Overrun
from report import NONE, Goal, Row, at_least, at_most, row_of_blocks, value_at_most
from servers import FLOOR, Program, Server, on_processors, running, timed_start
from unaware import unaware

MEGABYTE = 1e6
MICROSECOND = 1e3  # in nanoseconds
REST_SECONDS = 5  # after the last socket a server must have come to rest


def percentile_rows(what: str, floor: list[dict], blocks: list[dict], goals: tuple) -> list[Row]:
    return [
        row_of_blocks(f"{what}, {key}", "µs", floor, blocks, key, goal, per=MICROSECOND)
        for key, goal in zip(("p50", "p99"), goals, strict=True)
    ]


@dataclass(frozen=True)
class Latency:
    """One client, one request after the other."""

    measure: str
    what: str
    calls: int
    blocks: int
    goals: tuple[Goal | None, Goal | None] = (None, None)
    is_pinned: bool = True

    def __call__(self, bench: Bench) -> Rows:
        processors = bench.one_processor if self.is_pinned else bench.all_processors
        with running([FLOOR, *bench.programs], processors) as servers:
            options = ("--calls", self.calls, "--blocks", bench.fewer(self.blocks), "--warm-up", self.calls)
            floor, *others = run_client(self.measure, servers, processors, *options)
        return [percentile_rows(self.what, floor, blocks, self.goals) for blocks in others]


@dataclass(frozen=True)
class Load:
    """Several clients at once."""

    calls: int
    blocks: dict[int, int]  # by the number of clients
    is_pinned: bool = True

    def __call__(self, bench: Bench) -> Rows:
        rows: Rows = [[] for _ in bench.programs]
        processors = bench.one_processor if self.is_pinned else bench.all_processors
        with running([FLOOR, *bench.programs], processors) as servers:
            for clients in self.blocks:
                for found, row in zip(rows, self.rows(bench, servers, processors, clients), strict=True):
                    found.append(row)
        return rows

    def rows(self, bench: Bench, servers: list[Server], processors: set[int], clients: int) -> list[Row]:
        efforts = ("--calls", self.calls, "--warm-up", self.calls, "--processes", clients)
        blocks = ("--blocks", bench.fewer(self.blocks[clients]))
        floor, *others = run_client("load", servers, processors, *efforts, *blocks)
        goal = at_least(0.95) if clients == 8 and self.is_pinned else None
        what = f"{clients} client{'s' if clients > 1 else ''}" + ("" if self.is_pinned else ", not pinned")
        return [row_of_blocks(what, "/s", floor, found, "rate", goal, digits=0) for found in others]


@dataclass(frozen=True)
class Deaths:
    """Many sockets that die at full speed."""

    measure: str
    what: str
    blocks: int
    sockets: int = 100_000
    goal: Goal | None = None
    is_spread: bool = False
    also_memory: bool = False

    def __call__(self, bench: Bench) -> Rows:
        sockets = self.sockets // 10 if bench.is_quick else self.sockets
        options: list[object] = ["--calls", sockets, "--warm-up", 1000]
        options += ["--blocks", bench.fewer(self.blocks)]
        if self.is_spread:
            options.append("--spread")
        with running([FLOOR, *bench.programs], bench.one_processor) as servers:
            floor, *others = run_client(self.measure, servers, bench.one_processor, *options)
        return [self.rows(self.what.format(f"{sockets:,}"), floor, found) for found in others]

    def rows(self, what: str, floor: list[dict], blocks: list[dict]) -> list[Row]:
        lost = [sum(block["lost"] for block in found) for found in (floor, blocks)]
        rows = [
            Row(f"{what}: lost", "", *lost, goal=NONE, digits=0),
            row_of_blocks(f"{what}: rate", "/s", floor, blocks, "rate", self.goal, digits=0),
            row_of_blocks(f"{what}: server's work", "ns each", floor, blocks, "work", digits=0),
        ]
        if self.also_memory:
            # The first time: later the memory is there already.
            octets = [found[0]["octets"] for found in (floor, blocks)]
            rows.append(Row("memory per tracked socket", "octets", *octets, goal=value_at_most(64, "octets")))
        return rows


def await_rest(servers: list[Server]) -> None:
    """A server may follow the deaths of sockets for a while after the last of its own."""
    deadline = time.monotonic() + REST_SECONDS
    while time.monotonic() < deadline and any(server.death_subscriptions() for server in servers):
        time.sleep(0.1)


def idle(bench: Bench) -> Rows:
    """Memory and subscriptions of a server that has served and has nothing to do."""
    with running([FLOOR, *bench.programs], bench.one_processor) as servers:
        run_client("hit", servers, bench.one_processor, "--calls", 1000)
        await_rest(servers)
        memory = [server.resident_octets() / MEGABYTE for server in servers]
        heard = [server.death_subscriptions() for server in servers]
    what = f"still following deaths {REST_SECONDS} s later"
    return [
        [
            Row("resident memory, idle", "MB", memory[0], memory[index], goal=value_at_most(10, "MB")),
            Row(what, "", heard[0], heard[index], goal=NONE, digits=0),
        ]
        for index in range(1, len(servers))
    ]


def starts(bench: Bench) -> Rows:
    """Start to READY, in turn, on the one processor (which children of this process inherit)."""
    programs = [FLOOR, *bench.programs]
    directories = [Path(tempfile.mkdtemp(prefix="start-")) for _ in programs]
    times: list[list[float]] = [[] for _ in programs]
    with on_processors(bench.one_processor):
        for turn in range(-1, bench.fewer(31, 5)):
            for program, directory, found in zip(programs, directories, times, strict=True):
                with timed_start(program, directory) as milliseconds:
                    if turn >= 0:
                        found.append(milliseconds)
    floor, *others = times
    goal = value_at_most(10, "ms")
    return [
        [Row("start to READY", "ms", statistics.median(floor), statistics.median(found), goal=goal, digits=2)]
        for found in others
    ]


MEASUREMENTS: dict[str, Callable[[Bench], Rows]] = {
    "hit": Latency("hit", "setsc, address there", 1000, 100, (at_most(1.05), at_most(1.2))),
    "made": Latency("made", "setsc, address made", 200, 120, (at_most(1.05), at_most(1.2))),
    "cycle": Latency("cycle", "socket, setsc, bind, close", 1000, 60),
    "load": Load(1600, {1: 20, 2: 20, 4: 20, 8: 80}),
    "closes": Deaths("closes", "{} sockets closed", 6, goal=at_least(0.95), also_memory=True),
    "bursts": Deaths("closes", "{} sockets closed", 30, sockets=20_000),
    "spread": Deaths("closes", "{} closed on all processors", 2, is_spread=True),
    "kills": Deaths("kills", "{} sockets killed", 2),
    "idle": idle,
    "start": starts,
    "adoption": Adoption(((1_000, 10_000), (10_000, 100_000))),
    "overrun": Overrun("{} sockets closed, room for few notices"),
    "doubt": Overrun("half of {} closed, room for few notices", half_stays=True),
    "dhcpv6": NetworkSide(calls=100, blocks=12),
    "service": as_a_service,
    "unaware": unaware,
    "bystanders": bystanders,
    "free": Latency("hit", "setsc, address there, not pinned", 1000, 20, is_pinned=False),
    "freeload": Load(1600, {8: 20}, is_pinned=False),
}
