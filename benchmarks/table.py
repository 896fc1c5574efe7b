"""The table of `make bench`: each ratio beside its goal."""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from typing import Any, Final, Literal

from benchmarks.engine_alone import EVENTS
from benchmarks.floor.parent import MOST_AT_ONCE
from benchmarks.measuring import Spent
from benchmarks.python_app import PythonRun

SEEDS: Final = 20
FEW: Final = 1_000
"""Issues of the comparisons in which the start counts for more."""

Measurements = dict[str, list[Spent]]


@dataclass(frozen=True)
class Row:
    """A figure: one measurement beside another one of the same repetition.

    `goal` is what the ratio should be: at most, or where `at_least`, at least.
    """

    figure: str
    measured: str
    beside: str
    by: Literal["cpu", "wall"]
    goal: float | None = None
    at_least: bool = False

    def verdict(self, ratio: float) -> str:
        """The goal, and whether `ratio` reaches it."""
        return "" if self.goal is None else goal_of(ratio, self.goal, self.at_least)


# fmt: off
ROWS: Final = (
    Row("run, on disk, ready / floor, real Response", "run, ready", "floor, real", "wall", 2.5),
    Row("run, on disk, its start too / the same", "run", "floor, real", "cpu"),
    Row("run, on disk / floor with a plain answer", "run", "floor, plain", "cpu"),
    Row("the same run twice: what is noise", "run again", "run", "wall"),
    Row("the same", "run again", "run", "cpu"),
    Row("run --plain / --json", "run --plain", "run", "cpu", 1.2),
    Row("simulate, limits off / floor", "simulate, limits off", "floor, real", "wall", 3),
    Row("the same", "simulate, limits off", "floor, real", "cpu"),
    Row("simulate, today's limits / floor, as often", "simulate", "floor, as often", "wall", 5),
    Row("the same", "simulate", "floor, as often", "cpu"),
    Row(f"the same, {FEW:,} issues", "simulate, few", "floor, few", "wall", 5),
    Row("tail / tail --json", "tail", "tail --json", "cpu", 2),
    Row(f"--seeds {SEEDS}, one process / all cores", "seeds, one", "seeds, all", "wall", 1.8, True),
    Row("snapshot / playing what it holds", "snapshot, few", "played, few", "wall", 0.05),
    Row("restore / playing what it holds", "restore, few", "played, few", "wall", 0.05),
    Row("engine alone / heap loop", "engine", "heap loop", "cpu", 12),
    Row("the same, one retry", "engine, one retry", "heap loop, twice", "cpu", 12),
    Row("ready / Python and Node.js that do nothing", "ready", "nothing", "wall"),
)
WRANGLER_ROWS: Final = (
    Row("wrangler dev / run, both ready", "wrangler", "run, ready", "wall", 4, True),
    Row(f"the same, {FEW:,} issues", "wrangler, few", "run, few, ready", "wall", 2.5, True),
    Row("ready / wrangler dev ready", "ready", "wrangler ready", "wall", 0.28),
)
# fmt: on


@dataclass(frozen=True)
class Figure:
    """A figure that is no ratio, with its goal."""

    figure: str
    value: float
    goal: float
    at_least: bool = False

    def __str__(self) -> str:
        verdict = goal_of(self.value, self.goal, self.at_least)
        return f"{self.figure:<46}{self.value:>8,.0f}{'':>19}{verdict}"


def figures(measurements: Measurements, python: PythonRun, issues: int) -> list[Figure]:
    """Memory, and the app in Python: as many processes as run at once, and one that forks them."""
    peak = statistics.median(spent.peak_mb for spent in measurements["run"])
    return [
        Figure("run, memory of Python in MB", peak, 200 if issues <= 10_000 else 450),
        Figure("app in Python: processes", python.processes, MOST_AT_ONCE + 2),
        Figure("app in Python: memory of all in MB", python.megabytes, 200),
        Figure("app in Python: events a second", python.events_a_second, 1.5 * 589, at_least=True),
    ]


def goal_of(value: float, goal: float, at_least: bool) -> str:
    """The goal, and whether `value` reaches it."""
    reached = value >= goal if at_least else value <= goal
    return f"{'>=' if at_least else '<='} {goal:g} {'reached' if reached else 'not reached'}"


def rows_of(measurements: Measurements) -> tuple[Row, ...]:
    """The rows that were measured."""
    return ROWS + (WRANGLER_ROWS if "wrangler" in measurements else ())


def ratios_by_row(measurements: Measurements) -> list[dict[str, Any]]:
    """The ratios of each row in each repetition, for JSON."""
    return [
        {"figure": row.figure, "of": row.by, "goal": row.goal, "ratios": ratios(row, measurements)}
        for row in rows_of(measurements)
    ]


def ratios(row: Row, measurements: Measurements) -> list[float]:
    """The ratio of a row in each repetition."""
    # Of what has failed there are fewer.
    pairs = zip(measurements[row.measured], measurements[row.beside], strict=False)
    return [getattr(one, row.by) / getattr(other, row.by) for one, other in pairs]


def print_table(measurements: Measurements) -> None:
    """Medians and spreads of the ratios."""
    print(f"{'figure':<46}{'median':>8}{'least':>8}{'most':>8}   {'of':<6}goal")
    for row in rows_of(measurements):
        found = sorted(ratios(row, measurements))
        middle = statistics.median(found)
        spread = f"{middle:>8.2f}{found[0]:>8.2f}{found[-1]:>8.2f}"
        print(f"{row.figure:<46}{spread}   {row.by:<6}{row.verdict(middle)}".rstrip())


def _events_of(name: str, issues: int) -> int:
    """How many events a measurement is of."""
    if name.startswith(("engine", "heap loop")):
        return EVENTS
    return FEW if "few" in name else issues


def print_measurements(measurements: Measurements, issues: int) -> None:
    """What each measurement took."""
    names = f"{'wall, s':>9}{'cpu, s':>9}{'us of cpu an issue':>21}{'peak, MB':>10}"
    print(f"\n{'measurement':<26}{names}")
    for name, spents in measurements.items():
        wall, cpu = (statistics.median(getattr(s, by) for s in spents) for by in ("wall", "cpu"))
        peak = statistics.median(s.peak_mb for s in spents)
        shown = f"{peak:,.0f}" if peak else ""
        each = cpu / _events_of(name, issues) * 1e6
        print(f"{name:<26}{wall:>9.2f}{cpu:>9.2f}{each:>21,.0f}{shown:>10}")
