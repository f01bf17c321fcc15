"""A type whose prefix has to be asked for: through odmd, by the other clients that a host may have, and one round trip
to the same DHCPv6 server, which none can do without."""

import statistics
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

import dhcpv6_clients
from access_link import TYPE, UPLINK, AccessLink
from clients import Bench, Rows, run_client
from dhcpv6_clients import Client, Round
from report import Row, row_of_blocks, value_at_most
from servers import FLOOR, Server, running

MILLISECOND = 1e6  # in nanoseconds
WHAT = "address from DHCPv6"

# The lease goes with its socket, so that each round asks for a new one.
CONFIGURATION = f"""\
[Type {TYPE}]
LingerSec=0

[Source bench]
Kind=dhcpv6
Types={TYPE}
Interface={UPLINK}
"""


@dataclass(frozen=True)
class Turn:
    """A block of round trips, a block of requests to each server, and a round of each of the other clients."""

    exchanges: dict[str, float]
    requests: list[dict[str, float]]
    others: dict[str, Round]


@dataclass(frozen=True)
class NetworkSide:
    """Blocks of exchanges and of requests, and between them one prefix by each of the others."""

    calls: int
    blocks: int

    def __call__(self, bench: Bench) -> Rows:
        programs = [replace(program, configuration=CONFIGURATION) for program in bench.programs]
        directory = Path(tempfile.mkdtemp(prefix="network-side-"))
        # Of the floor only the network namespace is needed: its work is the client's.
        with (
            AccessLink(directory, bench.one_processor) as link,
            running([FLOOR, *programs], bench.one_processor) as servers,
            dhcpv6_clients.attached(link, directory) as others,
        ):
            for server in servers:
                link.attach(f"/proc/{server.process.pid}/ns/net")
            turns = [self.turn(bench, servers, others) for _ in range(bench.fewer(self.blocks))]
        return rows(turns)

    def turn(self, bench: Bench, servers: list[Server], others: list[Client]) -> Turn:
        floor, *asked = servers
        exchanges = self.block(bench, "solicits", floor)
        requests = [self.block(bench, "leases", server) for server in asked]
        return Turn(exchanges, requests, {client.name: client.round(bench) for client in others})

    def block(self, bench: Bench, measure: str, server: Server) -> dict[str, float]:
        options = ("--calls", self.calls, "--warm-up", self.calls // 10)
        [[block]] = run_client(measure, [server], bench.one_processor, *options)
        return block


def rows(turns: list[Turn]) -> Rows:
    exchanges = [turn.exchanges for turn in turns]
    round_trip = statistics.median(block["p50"] for block in exchanges) / MILLISECOND
    others = [
        row
        for name in turns[0].others
        for row in rows_of_other(name, [turn.others[name] for turn in turns], round_trip)
    ]
    by_server = zip(*(turn.requests for turn in turns), strict=True)
    return [[*rows_of_server(exchanges, list(blocks)), *others] for blocks in by_server]


def rows_of_server(exchanges: list[dict], blocks: list[dict]) -> list[Row]:
    def beyond(key: str) -> float:
        pairs = zip(blocks, exchanges, strict=True)
        return statistics.median(block[key] - exchange[key] for block, exchange in pairs) / MILLISECOND

    p50, p99 = (
        row_of_blocks(f"{WHAT}, {key}", "ms", exchanges, blocks, key, per=MILLISECOND, digits=2)
        for key in ("p50", "p99")
    )
    goal = value_at_most(2, "ms")
    return [
        p50,
        Row(f"{WHAT}, p50: beyond the round trip", "ms", None, beyond("p50"), goal=goal, digits=2),
        p99,
        Row(f"{WHAT}, p99: beyond the round trip", "ms", None, beyond("p99"), goal=goal, digits=2),
    ]


def rows_of_other(name: str, rounds: list[Round], round_trip: float) -> list[Row]:
    moments = {
        "from its start": [one.since_start for one in rounds],
        "from its Solicit": [one.since_solicit for one in rounds],
    }
    return [
        Row(f"{name} instead, {since}, {which}", "ms", round_trip, value(times), digits=2)
        for since, times in moments.items()
        for which, value in (("p50", statistics.median), ("longest", max))
    ]
