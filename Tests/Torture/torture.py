#!/usr/bin/env python3
"""torture.py [--kills N | --seconds N] [--workers N] - kills the daemon at random instants while programs use it, and
looks each time whether an address that is in use was lost, or one that is not was left (promises 1 and 2).

A real daemon and real sockets, in network namespaces of their own. Ends with 1 and the details when a promise was
broken. ODM_SEED replays the choices, ODM_BUILD names the directory with the daemon."""

import argparse
import os
import random
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "System"))

from run import Run  # noqa: E402

DEFAULT_SECONDS = 20


def arguments():
    parser = argparse.ArgumentParser(description="Kills the daemon at random instants under load.")
    length = parser.add_mutually_exclusive_group()
    length.add_argument("--kills", type=int, help="so many kills")
    length.add_argument("--seconds", type=float, help=f"kills for so long (default {DEFAULT_SECONDS})")
    parser.add_argument("--workers", type=int, default=4, help="programs that use the daemon (default 4)")
    given = parser.parse_args()
    if given.kills is None and given.seconds is None:
        given.seconds = DEFAULT_SECONDS
    return given


def main():
    given = arguments()
    if os.geteuid() != 0:
        print("skipped: network namespaces need root")
        return 0
    seed = int(os.environ.get("ODM_SEED", "0")) or random.SystemRandom().randrange(1, 1 << 31)
    print(f"ODM_SEED={seed}", flush=True)
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="odm-torture-") as directory:
        run = Run(Path(directory), seed, given.workers)
        try:
            run.kill_at_random(given.kills, given.seconds)
            run.stop_and_start()
            run.damage_records()
            run.end()
            print(run.report.text(run.ledger, run.comparison, time.monotonic() - began))
            if not run.report.is_good:
                print(run.report.details(run.log), file=sys.stderr)
        finally:
            run.close()
    return 0 if run.report.is_good else 1


if __name__ == "__main__":
    sys.exit(main())
