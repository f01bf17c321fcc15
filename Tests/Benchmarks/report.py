"""What was found: rows of a table, goals, and how both are printed."""

import statistics
from collections.abc import Callable
from dataclasses import dataclass

EDGE_OF_MEDIAN = 1.96 / 2  # 95 % of medians lie within this many √n ranks of the middle


@dataclass(frozen=True)
class Goal:
    """A bound on the ratio to the floor, or on the value itself where that is the promise."""

    text: str
    is_met: Callable[[float], bool]
    of_ratio: bool = True


def at_most(bound: float) -> Goal:
    return Goal(f"≤ {bound:.2f} ×", lambda ratio: ratio <= bound)


def at_least(bound: float) -> Goal:
    return Goal(f"≥ {bound:.2f} ×", lambda ratio: ratio >= bound)


def value_at_most(bound: float, unit: str) -> Goal:
    return Goal(f"≤ {bound:g} {unit}".rstrip(), lambda value: value <= bound, of_ratio=False)


NONE = Goal("none", lambda value: value == 0, of_ratio=False)


@dataclass(frozen=True)
class Ratio:
    """The median of ratios that were taken block by block, and how far it may be off."""

    median: float
    uncertainty: float

    def __str__(self) -> str:
        return f"{self.median:.3f} ± {self.uncertainty:.3f}"


def ratio_of_blocks(values: list[float], floor: list[float]) -> Ratio:
    ratios = sorted(value / base for value, base in zip(values, floor, strict=True))
    middle = (len(ratios) - 1) / 2
    reach = EDGE_OF_MEDIAN * len(ratios) ** 0.5
    low = ratios[max(0, int(middle - reach))]
    high = ratios[min(len(ratios) - 1, int(middle + reach + 0.999))]
    return Ratio(statistics.median(ratios), (high - low) / 2)


@dataclass(frozen=True)
class Row:
    """One line: what was measured, the floor's value, if it has one, and a server's, in the same unit."""

    what: str
    unit: str
    floor: float | None
    value: float
    ratio: Ratio | None = None
    goal: Goal | None = None
    digits: int = 1

    @property
    def verdict(self) -> str:
        if self.goal is None:
            return "–"
        judged = self.ratio.median if self.goal.of_ratio and self.ratio else self.value
        return "yes" if self.goal.is_met(judged) else "MISSED"

    def cells(self) -> list[str]:
        return [
            self.what,
            "–" if self.floor is None else f"{self.floor:,.{self.digits}f}",
            f"{self.value:,.{self.digits}f} {self.unit}".rstrip(),
            str(self.ratio) if self.ratio else "–",
            self.goal.text if self.goal else "–",
            self.verdict,
        ]


def row_of_blocks(
    what: str,
    unit: str,
    floor: list[dict[str, float]],
    blocks: list[dict[str, float]],
    key: str,
    goal: Goal | None = None,
    per: float = 1,
    digits: int = 1,
) -> Row:
    """Medians over blocks of what they say of `key`, and the ratio block by block."""
    base = [block[key] / per for block in floor]
    values = [block[key] / per for block in blocks]
    ratio = ratio_of_blocks(values, base)
    return Row(what, unit, statistics.median(base), statistics.median(values), ratio, goal, digits)


def table(server: str, rows: list[Row]) -> str:
    """Markdown that also reads well on a terminal."""
    header = ["measurement", "floor", server, "ratio", "goal", "met"]
    lines = [header, *(row.cells() for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(header))]
    # The figures, columns 1 to 3, stand to the right.
    rule = ["-" * (width - 1) + (":" if 1 <= column <= 3 else "-") for column, width in enumerate(widths)]

    def text(line: list[str]) -> str:
        cells = [
            cell.rjust(width) if 1 <= column <= 3 else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(line, widths, strict=True))
        ]
        return "| " + " | ".join(cells) + " |"

    return "\n".join(map(text, [header, rule, *lines[1:]]))
