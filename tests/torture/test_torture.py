"""A short torture: the same program and checks as `make torture`, with fewer kills."""

from __future__ import annotations

import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import pytest

from forge_emu.store.database import Database
from tests.store.state_files import replace_record
from tests.torture.schedule import schedule
from tests.torture.state_check import StateCheck
from tests.torture.torture import Torture

pytestmark = [
    pytest.mark.node,
    pytest.mark.timeout(400),
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="hosts are found in /proc"),
]


def test_nothing_is_lost_whatever_happens(tmp_path: Path) -> None:
    """Kills, dead hosts, reloads and a full disk: pushed = terminal, once each, none stuck."""
    steps = schedule(seed=11, kills=8, most_records=500)
    assert {"kill", "kill_hosts", "reload", "slow", "full"} <= {step.disruption for step in steps}
    torture = Torture(tmp_path, steps, events=400, speed=200, say=print)
    verdict = torture.run()
    assert verdict.violations == []
    assert verdict.counts["pushed"] >= 390
    assert verdict.counts["answered writes"] > 300

    # The judge would have seen it: a value less, an end less.
    path = tmp_path / ".forge-emu" / "state.sqlite"
    with sqlite3.connect(path) as connection:
        connection.execute("DELETE FROM kvs WHERE key = 'key-200'")
    connection.close()
    with closing(Database(path)) as database:
        lines = database.record_lines(0, 100_000_000)
    last_end = max(n for n, line in enumerate(lines, 1) if b'"event.succeeded"' in line)
    replace_record(path, last_end, b'{"seq":%d,"at":0,"type":"log"}' % last_end)
    spoilt = StateCheck(tmp_path, torture.receipts)
    # An event that was delivered twice was answered twice.
    assert set(spoilt.missing_writes) == {"200"}
    assert len(spoilt.lost) == 1
    assert len(spoilt.violations) >= 2


def test_a_schedule_follows_from_its_seed() -> None:
    """The same disruptions at the same moments."""
    assert schedule(3, 20, 100) == schedule(3, 20, 100)
    assert schedule(3, 20, 100) != schedule(4, 20, 100)
