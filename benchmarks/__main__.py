"""`make bench`: how many events a second, from building one to a whole run of sample_app."""

from __future__ import annotations

import subprocess
import sys
from itertools import count
from pathlib import Path
from time import perf_counter

from forge_emu.events import EventFactory, find_template

ROOT = Path(__file__).parent.parent
BUILT = 100_000
SENT = 1_000


def build_events() -> float:
    """Seconds to build `BUILT` events."""
    factory = EventFactory(
        find_template("issue-created"), sets=[("issue.fields.summary", "No. {n}")]
    )
    ids = count()
    began = perf_counter()
    for n in range(1, BUILT + 1):
        factory.build_event(n, 1_795_521_600_000 + n, lambda: str(next(ids)))
    return perf_counter() - began


def run_sample_app() -> float:
    """Seconds from the command to its summary for `SENT` events without limits, start included."""
    command = [
        *(sys.executable, "-m", "forge_emu", "run", "sample_app", "--json", "--limits", "off"),
        *("--trigger", "issue-created", "--count", str(SENT), "--until-idle"),
    ]
    began = perf_counter()
    subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    return perf_counter() - began


def main() -> None:
    """Print one line per measurement."""
    for what, events, measure in (
        ("build product events", BUILT, build_events),
        ("sample_app, limits off", SENT, run_sample_app),
    ):
        seconds = measure()
        print(f"{what:<26}{events:>9,} events {seconds:>8.2f} s {events / seconds:>10,.0f}/s")


if __name__ == "__main__":
    main()
