"""Instructions a request: exact where time is not, and the functions that they go to."""

import re
import subprocess
from collections import Counter
from pathlib import Path

from clients import Bench, run_client
from servers import BUILD, FLOOR, BenchError, Program, running

FEW, MANY = 500, 2500  # calls; the difference is free of what starting and stopping cost
SHOWN = 15  # functions
KINDS = {"hit": "setsc, address there", "made": "setsc, address made and removed"}

# "1,203,706 ( 5.68%)  file:function [object]"
ANNOTATED = re.compile(r"^\s*([\d,]+) +\([\d. ]+%\)  \S*?:(.+?)(?: \[.*)?$")


def profile(program: Program, bench: Bench, measure: str, calls: int) -> Counter[str]:
    """User-space instructions of a whole run of the server, by function."""
    file = BUILD / f"callgrind.{program.name}.{measure}.{calls}"
    file.unlink(missing_ok=True)
    wrapper = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={file}"]
    with running([program], bench.one_processor, wrapper) as servers:
        run_client(measure, servers, bench.one_processor, "--calls", calls)
    return read_profile(file)


def read_profile(file: Path) -> Counter[str]:
    command = ["callgrind_annotate", "--threshold=100", str(file)]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    found: Counter[str] = Counter()
    for line in text.splitlines():
        if match := ANNOTATED.match(line):
            found[match[2]] += int(match[1].replace(",", ""))
    if not found:
        raise BenchError(f"{file}: no functions")
    return found


def readable(function: str) -> str:
    command = ["swift", "demangle", "--simplified", "--compact", function]
    try:
        return subprocess.run(command, capture_output=True, text=True).stdout.strip() or function
    except FileNotFoundError:
        return function


def run(bench: Bench) -> None:
    if subprocess.run(["which", "valgrind"], capture_output=True).returncode != 0:
        raise BenchError("--callgrind needs valgrind: apt-get install valgrind")
    for measure, what in KINDS.items():
        print(f"{what}, and the socket's death; instructions a request in user space")
        for program in [FLOOR, *bench.programs]:
            few, many = (profile(program, bench, measure, calls) for calls in (FEW, MANY))
            many.subtract(few)
            print(f"{many.total() / (MANY - FEW):10,.0f}  {program.name}")
            if program is not FLOOR:
                for function, count in many.most_common(SHOWN):
                    print(f"{count / (MANY - FEW):14,.0f}  {readable(function)[:90]}")
    print(f"All functions: callgrind_annotate {BUILD}/callgrind.NAME.MEASURE.{MANY}")
