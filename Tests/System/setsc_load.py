"""setsc_load.c, which asks odmd more often than Python can."""

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path

from host import finish

SOURCE = Path(__file__).with_name("setsc_load.c")


@dataclass(frozen=True)
class Waits:
    """How long requests took, in microseconds."""
    count: int
    p50: float
    p90: float
    p99: float
    longest: float

    @classmethod
    def from_json(cls, text):
        return cls(**json.loads(text))


class Asker:
    """A process that asks until it is told that it is enough."""

    def __init__(self, host, program, least, made=0, **options):
        self.process = host.namespace.start(
            str(program), "ask", str(host.daemon.setsc_socket), str(least), str(made), stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options)

    def wait_until_enough(self):
        assert self.process.stdout.readline() == "enough\n", self.process.stderr.read()

    def finish(self):
        """No request failed; what they took."""
        printed, complaint = self.process.communicate(timeout=60)
        assert self.process.returncode == 0, complaint
        return Waits.from_json(printed)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        finish(self.process)


def build(directory):
    """The program."""
    program = directory / "setsc_load"
    subprocess.run(["cc", "-std=gnu11", "-O2", "-Wall", "-Wextra", "-Werror", "-o", program, SOURCE], check=True)
    return program
