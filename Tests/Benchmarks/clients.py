"""Running the client, and what all measurements need to know."""

import json
import subprocess
from dataclasses import dataclass

from report import Row
from servers import BUILD, BenchError, Program, Server, pinned

CLIENT_SECONDS = 240

# The rows of each server, in the order of the programs that were asked for.
Rows = list[list[Row]]
# Blocks of each server, in the order of the servers; a block is what the client printed.
Blocks = list[list[dict[str, float]]]


@dataclass(frozen=True)
class Bench:
    """What all measurements need to know."""

    programs: list[Program]
    all_processors: set[int]
    is_quick: bool

    @property
    def one_processor(self) -> set[int]:
        """The last: interrupts are mostly served by the first."""
        return {max(self.all_processors)}

    def fewer(self, count: int, least: int = 3) -> int:
        return max(least, count // 10) if self.is_quick else count


def run_client(measure: str, servers: list[Server], processors: set[int], *options: object) -> Blocks:
    """Runs the client and sorts what it prints by server."""
    arguments = [*map(str, options), measure, *(server.argument for server in servers)]
    command = pinned([str(BUILD / "client"), *arguments], processors)
    done = subprocess.run(command, capture_output=True, text=True, timeout=CLIENT_SECONDS)
    if done.returncode != 0:
        logs = "".join(server.log.read_text() for server in servers)
        raise BenchError(f"client {measure}: {done.stderr}{logs}")
    blocks = [json.loads(line) for line in done.stdout.splitlines()]
    return [[block for block in blocks if block["server"] == server.program.name] for server in servers]
