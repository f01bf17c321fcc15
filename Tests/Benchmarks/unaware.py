"""What the preloaded library costs: where it asks for an address, against a program that asks itself; and where it has
nothing to do, against the same program without it."""

import json
import os
import subprocess

from clients import Bench, Rows
from report import Goal, Row, at_most, row_of_blocks
from servers import BUILD, REPOSITORY, Server, in_network_of, pinned, running

LIBRARY = REPOSITORY / ".build/release/libodm-preload.so"
#: The host's own, so that packets stay there, and not a loopback address for the library.
ADDRESS = "2001:db8::9"
#: What is done, how often in a block, what stands against it as the floor, and the goal.
WORKS: list[tuple[str, str, str, int, Goal | None]] = [
    ("socket, connect, close by the library, against setsc and bind", "unaware", "aware", 2_000, None),
    ("connect to the loopback, library against none", "to-loopback", "to-loopback", 50_000, at_most(1.02)),
    ("socket, close, library against none", "open-and-close", "open-and-close", 20_000, at_most(1.02)),
    ("datagram of a bound socket, library against none", "datagram", "datagram", 50_000, at_most(1.02)),
]
BLOCKS = 40


def run(bench: Bench, server: Server, work: str, calls: int, with_library: bool) -> dict[str, float]:
    """One block."""
    environment = os.environ | {"ODM_SOCKET": str(server.directory / "setsc")}
    if with_library:
        environment |= {"LD_PRELOAD": str(LIBRARY), "ODM_RUN": "session-lasting strict"}
    command = ["env", *(f"{name}={environment[name]}" for name in ("ODM_SOCKET", "LD_PRELOAD", "ODM_RUN")
                        if name in environment), str(BUILD / "unaware"), str(calls), work, ADDRESS]
    done = subprocess.run(pinned(command, bench.one_processor), check=True, text=True, capture_output=True)
    return json.loads(done.stdout)


def unaware(bench: Bench) -> Rows:
    """With odmd, whose address another socket keeps in place; the floor's blocks and the others' in turn."""
    with running(bench.programs, bench.one_processor) as servers:
        return [rows_of(bench, server) for server in servers]


def rows_of(bench: Bench, server: Server) -> list[Row]:
    with in_network_of(server.process.pid):
        subprocess.run(["ip", "-6", "addr", "add", f"{ADDRESS}/128", "dev", "lo"], check=True)
        rows = []
        for what, work, floor, calls, goal in WORKS:
            found: tuple[list, list] = [], []
            for _ in range(bench.fewer(BLOCKS)):
                found[0].append(run(bench, server, floor, calls, with_library=False))
                found[1].append(run(bench, server, work, calls, with_library=True))
            rows.append(row_of_blocks(what, "ns", *found, "nanoseconds", goal, digits=0))
        return rows
