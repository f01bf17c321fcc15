"""What a run has come to."""

from dataclasses import dataclass, field

from ledger import KINDS

MOST_DETAILS = 20
LOG_LINES = 60


@dataclass
class Report:
    seed: int
    rounds: int = 0
    kills: int = 0
    kills_during_recovery: int = 0
    stops: int = 0
    damaged_files: int = 0
    worker_kills: int = 0
    settled: int = 0
    lost: list = field(default_factory=list)
    leaked: list = field(default_factory=list)
    # What workers and the daemon itself complained of.
    broken: list = field(default_factory=list)

    @property
    def is_good(self):
        return not (self.lost or self.leaked or self.broken)

    def text(self, ledger, comparison, seconds):
        sockets = ", ".join(f"{ledger.total(kind):,} {kind}" for kind in KINDS)
        rows = [
            ("seed", f"{self.seed}  (ODM_SEED={self.seed} replays the choices)"),
            ("seconds", f"{seconds:.0f}"),
            ("rounds", f"{self.rounds:,}"),
            ("kills", f"{self.kills:,}, {self.kills_during_recovery:,} of them during recovery"),
            ("orderly stops", f"{self.stops:,}"),
            ("damaged records", f"{self.damaged_files:,}"),
            ("workers killed", f"{self.worker_kills:,}"),
            ("requests granted", f"{ledger.total('granted'):,}, {ledger.total('refused'):,} refused, "
                                 f"{ledger.total('unanswered'):,} without a daemon"),
            ("addresses made", f"{len(comparison.made):,}"),
            ("sockets", sockets),
            ("comparisons", f"{comparison.checks:,}, {self.settled:,} of them at rest; "
                            f"{ledger.total('probes'):,} probes, {ledger.total('remembered'):,} getsc"),
            ("lost", str(len(self.lost))),
            ("leaked", str(len(self.leaked))),
            ("other complaints", str(len(self.broken))),
        ]
        return "\n".join(f"{name:<18}{value}" for name, value in rows)

    def details(self, log):
        lines = ["The daemon's last words:"] + [f"    {line}" for line in log.splitlines()[-LOG_LINES:]]
        # Last, where whoever reads only the end finds it.
        for title, found in (("Lost", self.lost), ("Leaked", self.leaked), ("Complaints", self.broken)):
            if found:
                lines += [f"{title}:"] + [f"    {line}" for line in found[:MOST_DETAILS]]
                if len(found) > MOST_DETAILS:
                    lines.append(f"    … and {len(found) - MOST_DETAILS} more")
        return "\n".join(lines)
