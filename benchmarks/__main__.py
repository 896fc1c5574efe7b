"""`make bench`: each figure beside its floor, in the same run, with what of it is noise."""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from benchmarks.calibration import calibration_loop
from benchmarks.commands import Commands
from benchmarks.floor.app import bundle_app, write_app
from benchmarks.floor.parent import run_floor
from benchmarks.measuring import Spent, run_command
from benchmarks.python_app import run_python_app
from benchmarks.snapshots import snapshot_measurements
from forge_emu.runtime.node.tools import Tools, find_tools

SEEDS: Final = 8
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


# fmt: off
ROWS: Final = (
    Row("run, on disk / floor with a real Response", "run", "floor, real", "cpu", 2.5),
    Row("run, on disk / floor with a plain answer", "run", "floor, plain", "cpu"),
    Row("the same run twice: what is noise", "run again", "run", "cpu"),
    Row("run --plain / --json", "run --plain", "run", "cpu", 1.2),
    Row("simulate, limits off / floor", "simulate, limits off", "floor, real", "cpu", 3),
    Row("simulate, today's limits / floor, as often", "simulate", "floor, as often", "cpu", 5),
    Row("tail / tail --json", "tail", "tail --json", "cpu", 2),
    Row(f"--seeds {SEEDS}, one process / all cores", "seeds, one", "seeds, all", "wall", 1.8, True),
    Row("snapshot / playing what it holds", "snapshot", "played for a snapshot", "wall", 0.05),
    Row("restore / playing what it holds", "restore", "played for a snapshot", "wall", 0.05),
    Row("ready / Python and Node.js that do nothing", "ready", "nothing", "wall"),
)
# fmt: on

NOT_MEASURED: Final = (
    "Not measured beside: wrangler and miniflare, which no dependency brings here, and "
    "the engine alone (python -m benchmarks.pending)."
)


class Bench:
    """Takes every measurement once in each repetition, one after the other."""

    def __init__(self, folder: Path, tools: Tools, issues: int) -> None:
        self._root = root = write_app(folder / "app")
        self._node, self._bundle = tools.node.path, bundle_app(write_app(folder / "floor"), tools)
        self._commands, self._issues = Commands(root, issues), issues
        # Today's limits make handlers run again: the floor runs them as often.
        self._as_often = self._commands.invocations() // 2
        self.measurements: Measurements = {}

    def repeat(self) -> None:
        """One repetition."""
        commands, seeds = self._commands, ("--seeds", str(SEEDS))
        each = max(self._issues // SEEDS, 1)
        single: dict[str, Callable[[], Spent]] = {
            "floor, real": lambda: run_floor(self._node, self._bundle, self._issues, "real"),
            "run": lambda: commands.run("--json"),
            "floor, plain": lambda: run_floor(self._node, self._bundle, self._issues, "plain"),
            "run --plain": lambda: commands.run("--plain"),
            "run again": lambda: commands.run("--json"),
            "simulate, limits off": lambda: commands.simulate("--limits", "off"),
            "simulate": commands.simulate,
            "floor, as often": lambda: run_floor(self._node, self._bundle, self._as_often, "real"),
            "seeds, one": lambda: commands.simulate(*seeds, "--jobs", "1", issues=each),
            "seeds, all": lambda: commands.simulate(*seeds, issues=each),
            "ready": commands.ready,
            "nothing": self._start_nothing,
        }
        for name, measurement in single.items():
            self.measurements.setdefault(name, []).append(measurement())
        for name, spent in snapshot_measurements(self._root, self._issues).items():
            self.measurements.setdefault(name, []).append(spent)
        for name, spent in zip(("tail", "tail --json"), commands.tails(), strict=True):
            self.measurements.setdefault(name, []).append(spent)

    def _start_nothing(self) -> Spent:
        python = run_command([sys.executable, "-c", "pass"])
        node = run_command([str(self._node), "-e", "0"])
        return Spent(python.wall + node.wall, python.cpu + node.cpu)


def ratios(row: Row, measurements: Measurements) -> list[float]:
    """The ratio of a row in each repetition."""
    pairs = zip(measurements[row.measured], measurements[row.beside], strict=True)
    return [getattr(one, row.by) / getattr(other, row.by) for one, other in pairs]


def print_table(measurements: Measurements, issues: int) -> None:
    """Medians and spreads of the ratios, and what each measurement took."""
    print(f"{'figure':<46}{'median':>8}{'least':>8}{'most':>8}{'goal':>10}   of")
    for row in ROWS:
        found = sorted(ratios(row, measurements))
        goal = "" if row.goal is None else f"{'>=' if row.at_least else '<='} {row.goal:g}"
        middle = statistics.median(found)
        print(
            f"{row.figure:<46}{middle:>8.2f}{found[0]:>8.2f}{found[-1]:>8.2f}{goal:>10}   {row.by}"
        )
    names = f"{'wall, s':>9}{'cpu, s':>9}{'us of cpu an issue':>21}{'peak, MB':>10}"
    print(f"\n{'measurement':<26}{names}")
    for name, spents in measurements.items():
        wall, cpu = (statistics.median(getattr(s, by) for s in spents) for by in ("wall", "cpu"))
        peak = statistics.median(s.peak_mb for s in spents)
        shown = f"{peak:,.0f}" if peak else ""
        print(f"{name:<26}{wall:>9.2f}{cpu:>9.2f}{cpu / issues * 1e6:>21,.0f}{shown:>10}")


def main() -> None:
    """Measure, print, and write what was measured as JSON."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--issues", type=int, default=2_000, help="created issues of each run")
    parser.add_argument("--repeat", type=int, default=3, help="repetitions, interleaved")
    parser.add_argument("--json", type=Path, help="file for all measurements")
    given = parser.parse_args()
    tools = find_tools(Path("sample_app"), print)
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder), tools, given.issues)
        loop = [calibration_loop()]
        for n in range(given.repeat):
            print(f"repetition {n + 1} of {given.repeat}", flush=True)
            bench.repeat()
            loop.append(calibration_loop())
        python = run_python_app(Path(folder) / "python", given.issues)
    print(f"\n{given.issues:,} issues: two invocations, a push and a write each.")
    print(f"A million steps of a loop of plain Python: {min(loop):.2f} to {max(loop):.2f} s.\n")
    print_table(bench.measurements, given.issues)
    print(f"\n{python}")
    print(f"{NOT_MEASURED}")
    if given.json is not None:
        found = {
            "issues": given.issues,
            "loop_seconds": loop,
            "python_app": vars(python),
            "ratios": {row.figure: ratios(row, bench.measurements) for row in ROWS},
            "measurements": {
                name: [vars(spent) for spent in spents]
                for name, spents in bench.measurements.items()
            },
        }
        given.json.write_text(json.dumps(found, indent=2) + "\n")
        print(f"wrote {given.json}")


if __name__ == "__main__":
    main()
