"""A snapshot of a run, and going back to it, beside playing what it holds."""

from __future__ import annotations

from pathlib import Path

from benchmarks.measuring import Spent, measure
from forge_emu.testing import Emulator


def snapshot_measurements(app: Path, issues: int) -> dict[str, Spent]:
    """What it takes to play `issues` created ones, to take a snapshot then, and to restore it."""
    with Emulator(app, seed=1, limits="off") as emu:
        with measure() as played:
            emu.trigger("issue-created", count=issues)
            emu.until_idle()
        with measure() as taken:
            snapshot = emu.snapshot()
        with measure() as restored:
            emu.restore(snapshot)
    return {"played, few": played, "snapshot, few": taken, "restore, few": restored}
