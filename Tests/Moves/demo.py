#!/usr/bin/python3
"""make demo-move: a host moves three times between two access routers, with a connection of each type and one of a
program that knows nothing of odmd. Says what became of each, and draws it (docs/move.svg)."""

import argparse
import sys
import threading
import time
from pathlib import Path

from stage import ADVERTISED, ANCHORED, ROOT, Stage

from setsc_client import FIXED, GRACEFUL_REPLACEMENT, NON_PERSISTENT, REPLACED, SESSION_LASTING, Watch

WAYS = ("flap", "silent", "flap")
BEFORE_SECONDS = 1.5
BETWEEN_SECONDS = 3
GRACE_SECONDS = 1.5
#: In the picture.
SHIFT_OCTETS = 1500


class Application(threading.Thread):
    """A program with one connection at a time, or with two while it goes over from one to the other."""

    def __init__(self, stage, name, type=None):
        super().__init__(daemon=True)
        self.stage, self.name_in_table, self.type = stage, name, type
        self.flows = [stage.connect(type)]
        self.is_ending = False
        self.start()

    @property
    def flow(self):
        return self.flows[-1]

    def run(self):
        """What the program does when its host moves: nothing."""

    def fate(self):
        if self.flow.error:
            return f"ended: {self.flow.error.strerror}"
        return "goes on" if self.flow.longest_silence(time.monotonic() - 0.5) < 0.4 else "hangs"

    def silence(self, moment, until):
        """The longest time without an answer on any of its connections, in seconds."""
        heard = sorted(at for flow in self.flows for at in flow.heard if moment - 0.1 <= at <= until)
        times = [moment, *(at for at in heard if at > moment), until]
        return max(after - before for before, after in zip(times, times[1:]))


class Reconnecting(Application):
    """Makes another connection when the one that it had has ended: Non-persistent."""

    def run(self):
        while not self.is_ending:
            if self.flow.ended:
                self.flows.append(self.stage.connect(self.type))
            time.sleep(0.001)

    def fate(self):
        ends = {flow.error.strerror for flow in self.flows if flow.error}
        return f"{len(self.flows)} connections; each ended with “{', '.join(ends)}”"


class GoingOver(Application):
    """Makes another connection when it is told of another address: Graceful-replacement."""

    def run(self):
        while not self.is_ending:
            self.stage.network.deliver_everywhere(self.flow.connection.getsockname()[0])
            if not self.is_replaced():
                return
            old = self.flow
            self.flows.append(self.stage.connect(self.type))
            time.sleep(GRACE_SECONDS / 3)
            old.close()

    def is_replaced(self):
        """Waits for that, or for the end of the demonstration."""
        with Watch(self.stage.host.daemon.setsc_socket, self.flow.connection, timeout=None) as watch:
            while event := watch.next():
                if event.what == REPLACED:
                    return True
        return False

    def fate(self):
        is_whole = not any(flow.error for flow in self.flows)
        return f"{len(self.flows)} connections, with a time with two; {'none lost' if is_whole else 'lost'}"


def play(stage):
    """The applications, and when the moves were."""
    stage.start(ANCHORED, ADVERTISED, graceful_replacement=f"GraceSec={GRACE_SECONDS}")
    applications = [
        Application(stage, "Fixed", FIXED),
        Application(stage, "Session-lasting", SESSION_LASTING),
        # Has the address that the kernel has made, as the program without odmd.
        Reconnecting(stage, "Non-persistent", NON_PERSISTENT),
        GoingOver(stage, "Graceful-replacement", GRACEFUL_REPLACEMENT),
        Application(stage, "without odmd"),
    ]
    time.sleep(BEFORE_SECONDS)
    moves = []
    for way in WAYS:
        moves.append(time.monotonic())
        stage.network.move(way)
        time.sleep(BETWEEN_SECONDS)
    return applications, moves


def table(applications, moves):
    ends = [*moves[1:], moves[-1] + BETWEEN_SECONDS]
    lines = [["longest silence (ms) after", *WAYS, "in the end"]]
    for application in applications:
        silences = [application.silence(*span) * 1000 for span in zip(moves, ends)]
        lines.append([application.name_in_table, *(f"{silence:.0f}" for silence in silences), application.fate()])
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip() for line in lines)


def draw(applications, moves, path):
    import matplotlib

    matplotlib.use("svg")
    import matplotlib.pyplot as plt

    matplotlib.rcParams |= {"svg.hashsalt": "odmd", "svg.fonttype": "none", "font.size": 9}
    start = min(flow.heard[0] for application in applications for flow in application.flows)
    figure, axes = plt.subplots(figsize=(9, 4.5))
    for number, application in enumerate(applications):
        # One above the other, or they would be one line.
        base = (len(applications) - number) * SHIFT_OCTETS
        for part, flow in enumerate(application.flows):
            times = [at - start for at in flow.heard]
            octets = [base + count for count in flow.octets]
            axes.step(times[::8], octets[::8], where="post", color=f"C{number}", linewidth=1.4,
                      label=application.name_in_table if part == 0 else None)
            # What is received by the next connection is drawn on top of what had been received when it began.
            later = application.flows[part + 1:part + 2]
            if later:
                base += octets_at(flow, later[0].heard[0])
    for number, (moment, way) in enumerate(zip(moves, WAYS), start=1):
        axes.axvline(moment - start, color="0.5", linestyle=":", linewidth=1)
        axes.annotate(f"move {number} ({way})", (moment - start, 1), xycoords=("data", "axes fraction"),
                      xytext=(3, -10), textcoords="offset points", color="0.4")
    axes.set_xlabel("seconds")
    axes.set_ylabel("octets received, each connection 1500 above the next")
    axes.legend(loc="upper left", bbox_to_anchor=(0.01, 0.93), frameon=False)
    axes.spines[["top", "right"]].set_visible(False)
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None, "Creator": "odmd: make demo-move"})
    path.write_text("".join(f"{line.rstrip()}\n" for line in path.read_text().splitlines()))


def octets_at(flow, moment):
    return max(count for at, count in zip(flow.heard, flow.octets) if at <= moment)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", type=Path, default=ROOT / "docs/move.svg")
    arguments = parser.parse_args()
    print(f"A host moves {len(WAYS)} times between two access routers; its link is out for 60 ms at each.\n")
    with Stage() as stage:
        applications, moves = play(stage)
        print(table(applications, moves))
        for application in applications:
            application.is_ending = True
        draw(applications, moves, arguments.output)
        kept = [a for a in applications if a.type in (FIXED, SESSION_LASTING, GRACEFUL_REPLACEMENT)]
        broken = [application.name_in_table for application in kept if any(flow.error for flow in application.flows)]
    print(f"\nDrawn to {arguments.output}.")
    if broken:
        sys.exit(f"demo-move: lost: {', '.join(broken)}")


main()
