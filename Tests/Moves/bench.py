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
from setsc_client import FIXED, NON_PERSISTENT, SESSION_LASTING, Watch  # noqa: E402

MOVES = 20
#: A kernel that is alone needs up to ten seconds: fewer of its moves.
MOVES_ALONE = 3
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


@dataclass(frozen=True)
class Replacement:
    """In milliseconds after the link has moved."""

    told: float
    ended: float
    connected: float


def replacement(stage):
    """Of a Non-persistent address: when it was told, when its sockets were ended, when the new one had a connection."""
    flow = stage.connect(NON_PERSISTENT)
    with Watch(stage.host.daemon.setsc_socket, flow.connection) as watch:
        stage.network.move()
        moved = time.monotonic()
        watch.next()
        told = time.monotonic()
    new = stage.connect(NON_PERSISTENT)
    connected = time.monotonic()
    while not flow.ended:
        time.sleep(0.001)
    new.close()
    return Replacement((told - moved) * 1000, (flow.ended - moved) * 1000, (connected - moved) * 1000)


def replacements(count):
    with Stage() as stage:
        stage.start(ADVERTISED)
        return [replacement(stage) for _ in range(count)]


def replacement_row(what, found, goal):
    verdict = "" if goal is None else "met" if max(found) <= goal else f"**missed** (≤ {goal})"
    return f"| {what} | {max(0, statistics.median(found)):.1f} | {max(0, *found):.1f} | {verdict} |"


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

A Non-persistent address is replaced, of {count} moves (optimistic_dad=1); the Router Solicitation and its answer are in
these times:

| After the link has moved | median | longest | Goal |
|---|---|---|---|
{replacements}

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
    found = replacements(count)
    goals = [("its watcher is told, and the new one can be bound", "told", 5),
             ("its sockets are ended (ECONNABORTED)", "ended", 10),
             ("a program that was told has a connection from the new one", "connected", None)]
    lines = [replacement_row(what, [getattr(one, name) for one in found], goal) for what, name, goal in goals]
    print("\n".join(lines))
    text = TEXT.format(
        rows="\n".join(rows), ways="\n".join(f"- *{way}*: {what}." for way, what in WAYS.items()),
        alone=alone, settled=SETTLED_ALONE_SECONDS, replacements="\n".join(lines), count=count,
        date=date.today().isoformat(), processor=processor(), commit=commit())
    if not arguments.quick:
        arguments.output.write_text(text)
        print(f"Written to {arguments.output}.")


main()
