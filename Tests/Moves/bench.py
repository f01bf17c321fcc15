#!/usr/bin/python3
"""make bench-moves: how long a connection is silent when its host moves, with odmd and with the kernel alone.

Twenty moves of each kind between two access routers, 60 ms without a link at each. Writes docs/moves.md."""

import argparse
import statistics
import sys
import time
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from stage import ADVERTISED, ANCHORED, LEASED, PREFIX, ROOT, Stage

sys.path.append(str(ROOT / "Tests/Benchmarks"))

from document import commit, processor  # noqa: E402
from setsc_client import FIXED, NON_PERSISTENT, SESSION_LASTING  # noqa: E402

MOVES = 20
#: A kernel that is alone needs up to ten seconds: fewer of its moves.
MOVES_ALONE = 5
GOAL_MILLISECONDS = 30
SETTLED_SECONDS = 0.4
SETTLED_ALONE_SECONDS = 10
WAYS = {
    "flap": "the link loses its carrier, as between two access points",
    "silent": "the link says nothing, a switch behind it has moved",
    "admin": "the interface is set down and up",
}
PREFIXES = {
    "Fixed, static prefix": (ANCHORED, FIXED),
    "Session-lasting, static prefix": (ANCHORED, SESSION_LASTING),
    "Session-lasting, DHCPv6 lease": (LEASED, SESSION_LASTING),
}


@dataclass(frozen=True)
class Move:
    """In milliseconds: without a network until the move was done, and without an answer."""

    outage: float
    silence: float


def moves(source, type, way, count):
    with Stage() as stage:
        if source == LEASED:
            stage.network.kea(types=("session-lasting",))
        stage.start(source)
        flow = stage.connect(type)
        time.sleep(SETTLED_SECONDS)
        return [move(stage, flow, way, SETTLED_SECONDS) for _ in range(count)]


def moves_alone(way, count):
    """Without odmd, with an address of the same prefix."""
    with Stage() as stage:
        # Without unsolicited advertisements the kernel never notices: here they come as often as by default they may.
        for router in stage.network.routers.values():
            router.advertise(seconds_apart=(3, 4))
        stage.arrive()
        address = str(PREFIX[1])
        stage.network.mn.ip(f"addr add {address}/128 dev lo nodad preferred_lft 0")
        flow = stage.connect(address=address)
        time.sleep(SETTLED_SECONDS)
        return [move(stage, flow, way, SETTLED_ALONE_SECONDS) for _ in range(count)]


def move(stage, flow, way, settled):
    began = time.monotonic()
    stage.network.move(way)
    outage = time.monotonic() - began
    time.sleep(settled)
    if flow.error:
        sys.exit(f"bench-moves: the connection ended: {flow.error}")
    return Move(outage * 1000, flow.longest_silence(began) * 1000)


def row(what, way, who, found, goal=None):
    beyond = [max(0, move.silence - move.outage) for move in found]
    verdict = "" if goal is None else "met" if max(beyond) <= goal else f"**missed** (≤ {goal})"
    silences = [move.silence for move in found]
    return (f"| {what} | {way} | {who} | {statistics.median(silences):.0f} | {max(silences):.0f}"
            f" | {max(beyond):.0f} | {verdict} |")


def abortions(count):
    """How long after a move sockets on a Non-persistent address are ended, in milliseconds."""
    with Stage() as stage:
        stage.start(ADVERTISED)
        found = []
        for _ in range(count):
            flow = stage.connect(NON_PERSISTENT)
            stage.network.move()
            moved = time.monotonic()
            while not flow.ended:
                time.sleep(0.001)
            found.append((flow.ended - moved) * 1000)
        return found


TEXT = """\
# What a move costs

This page is written by `make bench-moves` (Tests/Moves). A host moves between two access routers; a TCP connection
says something every 10 ms and hears it back, so a silence of 10 ms is none. Its link is out for 60 ms at each move;
*outage* is from there until the move was done, some 66 ms. Times are in milliseconds.

| Address | Move | With | Silence, median | longest | beyond the outage | Goal |
|---|---|---|---|---|---|---|
{rows}

{ways}

*The kernel alone*: the same address on `lo`, put there by hand, and the main table's routes; {alone} moves of each
kind, with {settled} s for each, and routers that advertise every 3 to 4 s; for odmd they do so every few minutes.

Sockets on a Non-persistent address are ended (ECONNABORTED) {median:.1f} ms after the link has moved, {longest:.1f} ms
at the longest of {count}, the Router Solicitation and its answer included.

| Made on | |
|---|---|
| Date | {date} |
| Processor | {processor} |
| odmd | commit {commit} |
"""


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="three moves of each kind; writes nothing")
    parser.add_argument("--output", type=Path, default=ROOT / "docs/moves.md")
    arguments = parser.parse_args()
    count, alone = (3, 1) if arguments.quick else (MOVES, MOVES_ALONE)
    rows = []
    for what, (source, type) in PREFIXES.items():
        for way in WAYS:
            rows.append(row(what, way, "odmd", moves(source, type, way, count), GOAL_MILLISECONDS))
            print(rows[-1], flush=True)
    for way in ("flap", "admin"):  # a silent move the kernel alone does not notice at all
        rows.append(row("the same, by hand", way, "the kernel alone", moves_alone(way, alone)))
        print(rows[-1], flush=True)
    ended = abortions(count)
    text = TEXT.format(
        rows="\n".join(rows), ways="\n".join(f"- *{way}*: {what}." for way, what in WAYS.items()),
        alone=alone, settled=SETTLED_ALONE_SECONDS, median=statistics.median(ended), longest=max(ended), count=count,
        date=date.today().isoformat(), processor=processor(), commit=commit())
    print(f"Non-persistent sockets ended after {statistics.median(ended):.1f} ms, at most {max(ended):.1f} ms")
    if not arguments.quick:
        arguments.output.write_text(text)
        print(f"Written to {arguments.output}.")


main()
