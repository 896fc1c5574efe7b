"""`make profile`: where the processor time of `run` and `simulate` goes, in both processes."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path
from typing import Final

from benchmarks.commands import EVENT
from benchmarks.floor.app import write_app
from benchmarks.measuring import run_command
from benchmarks.profiling.shares import (
    as_json,
    by_part,
    node_samples,
    print_shares,
    python_samples,
)

_SAMPLED: Final = (sys.executable, "-m", "benchmarks.profiling.sampled_command")


def commands(app: str, issues: int) -> dict[str, list[str]]:
    """The arguments of each command that is sampled."""
    run = ["run", app, "--no-watch", "--json", "--until-idle", "--trigger", EVENT]
    simulate = ["simulate", app, f"{EVENT}:{issues}", "--json"]
    return {
        "run, limits off": [*run, "--count", str(issues), "--limits", "off"],
        "simulate, today's limits": simulate,
        "simulate, limits off": [*simulate, "--limits", "off"],
    }


def profile(name: str, arguments: list[str], rows: int) -> dict[str, object]:
    """Sample one command, and print what it has done."""
    with tempfile.TemporaryDirectory() as folder:
        spent = run_command([*_SAMPLED, folder, *arguments])
        found = {"Python": python_samples(Path(folder)), "Node.js": node_samples(Path(folder))}
    print(f"\n=== {name}: {spent.cpu:.1f} s of processor time", flush=True)
    for process, samples in found.items():
        print_shares(f"{process}, by part", by_part(samples), rows)
        print_shares(f"{process}, by function", samples, rows)
    return {process: as_json(samples) for process, samples in found.items()}


def main() -> None:
    """Sample, print, and write all shares as JSON."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.profiling", description=__doc__)
    parser.add_argument("--issues", type=int, default=5_000, help="created issues of each command")
    parser.add_argument("--rows", type=int, default=20, help="rows of each table")
    parser.add_argument("--json", type=Path, help="file for all shares")
    given = parser.parse_args()
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        app = str(write_app(Path(folder) / "app"))
        for name, arguments in commands(app, given.issues).items():
            found[name] = profile(name, arguments, given.rows)
    if given.json is not None:
        given.json.write_text(json.dumps(found, indent=1) + "\n")
        print(f"\nwrote {given.json}")


if __name__ == "__main__":
    main()
