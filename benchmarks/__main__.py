"""`make bench`: each figure beside its floor, in the same run, with what of it is noise."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

from benchmarks.calibration import calibration_loop
from benchmarks.commands import Commands
from benchmarks.engine_alone import engine_measurements
from benchmarks.floor.app import bundle_app, write_app
from benchmarks.floor.parent import run_floor
from benchmarks.measuring import Spent, run_command
from benchmarks.peers.wrangler import Wrangler, install_wrangler
from benchmarks.python_app import run_python_app
from benchmarks.snapshots import snapshot_measurements
from benchmarks.table import (
    FEW,
    SEEDS,
    Measurements,
    figures,
    print_measurements,
    print_table,
    ratios_by_row,
)
from forge_emu.runtime.node.tools import Tools, find_tools

WRANGLER_CACHE: Final = Path(".venv") / "wrangler"


class Bench:
    """Takes every measurement once in each repetition, one after the other."""

    def __init__(self, folder: Path, tools: Tools, issues: int) -> None:
        self._root = root = write_app(folder / "app")
        self._node, self._bundle = tools.node.path, bundle_app(write_app(folder / "floor"), tools)
        self._commands, self._issues = Commands(root, issues), issues
        self._few = Commands(root, FEW)
        self.wrangler = install_wrangler(tools.node.path, WRANGLER_CACHE.absolute())
        # Today's limits make handlers run again: the floor runs them as often.
        self._as_often = self._commands.invocations() // 2
        self._few_as_often = self._few.invocations() // 2
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
            "simulate, few": self._few.simulate,
            "floor, few": lambda: run_floor(self._node, self._bundle, self._few_as_often, "real"),
            "seeds, one": lambda: commands.simulate(*seeds, "--jobs", "1", issues=each),
            "seeds, all": lambda: commands.simulate(*seeds, issues=each),
            "ready": commands.ready,
            "nothing": self._start_nothing,
        }
        for name, measurement in single.items():
            self.measurements.setdefault(name, []).append(measurement())
        run, ready = (self.measurements[name][-1] for name in ("run", "ready"))
        self.measurements.setdefault("run, ready", []).append(run.after(ready))
        by_themselves = engine_measurements() | snapshot_measurements(self._root, FEW)
        for name, spent in by_themselves.items():
            self.measurements.setdefault(name, []).append(spent)
        for name, spent in zip(("tail", "tail --json"), commands.tails(), strict=True):
            self.measurements.setdefault(name, []).append(spent)
        if isinstance(self.wrangler, Wrangler):
            try:
                beside = self._beside(self.wrangler)
            except (OSError, EOFError, TimeoutError) as error:
                self.wrangler = f"it has failed: {error!r}"
                return
            for name, spent in beside.items():
                self.measurements.setdefault(name, []).append(spent)

    def _beside(self, wrangler: Wrangler) -> dict[str, Spent]:
        """Both from the moment that they are ready."""
        found = {"run, few, ready": self._few.run("--json").after(self.measurements["ready"][-1])}
        for name, issues in {"wrangler": self._issues, "wrangler, few": FEW}.items():
            with tempfile.TemporaryDirectory() as folder:
                found["wrangler ready"], found[name] = wrangler.measure(
                    Path(folder) / "app", issues
                )
        return found

    def _start_nothing(self) -> Spent:
        python = run_command([sys.executable, "-c", "pass"])
        node = run_command([str(self._node), "-e", "0"])
        return Spent(python.wall + node.wall, python.cpu + node.cpu)


def main() -> None:
    """Measure, print, and write what was measured as JSON."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--issues", type=int, default=10_000, help="created issues of each run")
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
    print_table(bench.measurements)
    for figure in figures(bench.measurements, python, given.issues):
        print(figure)
    print_measurements(bench.measurements, given.issues)
    if isinstance(bench.wrangler, str):
        print(f"Not measured beside wrangler: {bench.wrangler}")
    if given.json is not None:
        found = {
            "issues": given.issues,
            "loop_seconds": loop,
            "python_app": vars(python),
            "ratios": ratios_by_row(bench.measurements),
            "measurements": {
                name: [vars(spent) for spent in spents]
                for name, spents in bench.measurements.items()
            },
        }
        given.json.write_text(json.dumps(found, indent=2) + "\n")
        print(f"wrote {given.json}")


if __name__ == "__main__":
    main()
