"""Instructions a request: exact where time is not, and a map of where they go."""

import re
import subprocess
from pathlib import Path

from measurements import Bench, run_client
from servers import BUILD, FLOOR, BenchError, Program, running

FEW, MANY = 500, 2500  # calls; the difference is free of what starting and stopping cost
KINDS = {"hit": "setsc, address there", "made": "setsc, address made and removed"}


def instructions(program: Program, bench: Bench, measure: str, calls: int) -> int:
    """User-space instructions of a whole run of the server."""
    profile = BUILD / f"callgrind.{program.name}.{measure}.{calls}"
    profile.unlink(missing_ok=True)
    wrapper = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={profile}"]
    with running([program], bench.one_processor, wrapper) as servers:
        run_client(measure, servers, bench.one_processor, "--calls", calls)
    total = re.search(r"^(?:summary|totals): (\d+)", Path(profile).read_text(), re.MULTILINE)
    if not total:
        raise BenchError(f"{profile}: no totals")
    return int(total[1])


def run(bench: Bench) -> None:
    if subprocess.run(["which", "valgrind"], capture_output=True).returncode != 0:
        raise BenchError("--callgrind needs valgrind: apt-get install valgrind")
    for measure, what in KINDS.items():
        print(f"{what}, and the socket's death; instructions a request in user space:")
        for program in [FLOOR, *bench.programs]:
            few, many = (instructions(program, bench, measure, calls) for calls in (FEW, MANY))
            print(f"  {program.name:<12} {(many - few) / (MANY - FEW):10,.0f}")
    print(f"Where they go: callgrind_annotate {BUILD}/callgrind.NAME.MEASURE.{MANY}")
