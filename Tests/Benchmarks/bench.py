#!/usr/bin/python3
"""make bench: odmd against the least that the same work can cost, a C program that does its system calls.

Both run on one processor, and blocks of requests go to them in turn. Nothing of it touches the network of
the machine: everything happens in namespaces that end with the programs."""

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import callgrind
import document
from clients import Bench
from measurements import MEASUREMENTS
from report import Row, table
from servers import FLOOR, REPOSITORY, BenchError, Program, build

INSIDE = "ODMD_BENCH_INSIDE"


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure odmd against its C floor, in under five minutes.")
    parser.add_argument("odmd", nargs="?", type=Path, default=REPOSITORY / ".build/release/odmd",
                        help="the release build (default: .build/release/odmd)")
    parser.add_argument("--server", action="append", metavar="NAME=PATH",
                        help="measure this instead; may be repeated; the floor itself is NAME=floor")
    parser.add_argument("--only", action="append", choices=MEASUREMENTS, help="may be repeated")
    parser.add_argument("--quick", action="store_true", help="a look in half a minute; prove nothing by it")
    parser.add_argument("--callgrind", action="store_true",
                        help="count instructions a request under valgrind instead")
    parser.add_argument("--output", type=Path, default=REPOSITORY / "docs/benchmarks.md",
                        help="where a complete run is written (default: docs/benchmarks.md)")
    return parser.parse_args()


def enter_namespaces() -> None:
    """Runs this program again with a network of its own, and with a /run of its own for its files."""
    if os.geteuid() != 0:
        sys.exit("bench: needs root: it makes network namespaces and forces socket buffers")
    os.environ[INSIDE] = "yes"
    script = str(Path(__file__).resolve())
    os.execvp("unshare", ["unshare", "--net", "--mount", sys.executable, "-B", script, *sys.argv[1:]])


def prepare() -> None:
    subprocess.run(["mount", "-t", "tmpfs", "tmpfs", "/run"], check=True)
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    tempfile.tempdir = "/run"
    # So that an end by SIGTERM also unwinds, and stops what was started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))


def programs(arguments: argparse.Namespace) -> list[Program]:
    named = [text.split("=", 1) for text in arguments.server or [f"odmd={arguments.odmd}"]]
    found = []
    for name, *path in named:
        if path == ["floor"]:
            found.append(replace(FLOOR, name=name))
        elif path and os.access(path[0], os.X_OK):
            found.append(Program(name, Path(path[0]).resolve()))
        else:
            raise BenchError(f"{'='.join([name, *path])}: no such program")
    return found


def measure(bench: Bench, names: list[str]) -> list[list[Row]]:
    """The rows of each program."""
    found: list[list[Row]] = [[] for _ in bench.programs]
    for name in names:
        begin = time.monotonic()
        for rows, new in zip(found, MEASUREMENTS[name](bench), strict=True):
            rows.extend(new)
        print(f"bench: {name}: {time.monotonic() - begin:.0f} s", file=sys.stderr)
    return found


def warn_if_busy() -> None:
    load = os.getloadavg()[0]
    if load > 0.5:
        print(f"bench: others work on this machine (load {load:.1f}): expect wide ±", file=sys.stderr)


def run(arguments: argparse.Namespace) -> None:
    warn_if_busy()
    build()
    bench = Bench(programs(arguments), os.sched_getaffinity(0), arguments.quick)
    if arguments.callgrind:
        callgrind.run(bench)
        return
    found = measure(bench, arguments.only or list(MEASUREMENTS))
    tables = [table(program.name, rows) for program, rows in zip(bench.programs, found, strict=True)]
    print("\n\n".join(tables))
    if arguments.quick or arguments.only or arguments.server:
        print("\nNot written down: that needs a complete run of odmd.")
    else:
        document.write(arguments.output, bench.programs[0], tables[0])
        print(f"\nWritten to {arguments.output}.")


def main() -> None:
    arguments = parse_arguments()
    if INSIDE not in os.environ:
        enter_namespaces()
    prepare()
    try:
        run(arguments)
    except (BenchError, subprocess.SubprocessError, OSError) as error:
        sys.exit(f"bench: {error}")
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
