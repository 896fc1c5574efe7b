"""`make torture`: prints the schedule's seed, what was done, and what is missing."""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from pathlib import Path

from tests.torture.schedule import schedule
from tests.torture.torture import Torture


def main() -> int:
    """The exit code is 1 when anything is missing, twice, or stuck."""
    parser = argparse.ArgumentParser(prog="tests.torture")
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--events", type=int, default=10_000)
    parser.add_argument("--records", type=int, default=1_500, help="most records between two pains")
    parser.add_argument("--speed", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", type=Path, help="where the app is kept; a new one is made")
    options = parser.parse_args()
    steps = schedule(options.seed, options.kills, options.records)
    print(f"seed {options.seed}: {len(steps)} pains, {options.events:,} product events", flush=True)
    root = options.folder or Path(tempfile.mkdtemp(prefix="forge-emu-torture-"))
    began = time.monotonic()
    torture = Torture(
        root, steps, options.events, options.speed, lambda line: print(line, flush=True)
    )
    check = torture.run()
    print(f"{time.monotonic() - began:.0f} s, app and state in {root}")
    for name, count in sorted(torture.disruptions.items()):
        print(f"{name:<24}{count:>10,}")
    for name, count in sorted(check.counts.items()):
        print(f"{name:<24}{count:>10,}")
    ready = torture.ready_seconds
    print(
        f"ready after a restart   median {statistics.median(ready):.2f} s, most {max(ready):.2f} s"
    )
    print(f"{'lost':<24}{len(check.lost):>10,}")
    print(f"{'terminal ones repeated':<24}{len(check.repeated):>10,}")
    print(f"{'writes missing':<24}{len(check.missing_writes):>10,}")
    print(f"{'stuck':<24}{len(check.stuck):>10,}")
    for complaint in check.violations:
        print(f"NOT SO: {complaint}")
    return 1 if check.violations else 0


if __name__ == "__main__":
    sys.exit(main())
