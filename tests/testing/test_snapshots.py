"""Snapshots: the whole emulator goes back, and then does the same again."""

from __future__ import annotations

from pathlib import Path

import pytest

from forge_emu.errors import UserError
from forge_emu.records import RecordBatch
from forge_emu.testing import Emulator
from tests.conftest import AppDir
from tests.testing.app import write_app

COUNTING = """\
from forge_emu.sdk import kvs
seen = []

def created(event):
    seen.append(event["issue"]["key"])
    kvs.set("seen", {"keys": seen})

store = double = created
"""

WAITING = """\
import asyncio
from forge_emu.sdk import kvs

async def created(event):
    await asyncio.sleep(5)

store = double = created
"""


def play(emu: Emulator, count: int = 5) -> tuple[bytes, dict[str, object], object]:
    """Events that push, store and retry, by chance too; everything that came of them."""
    emu.trigger("issue-created", count=count, rate=2)
    emu.kvs["slow"] = ["EMU-2", "EMU-3"]
    emu.until_idle()
    return RecordBatch(emu.records).text, dict(emu.kvs), emu.summary.whole


def test_the_same_calls_give_the_same_records(app_dir: AppDir) -> None:
    """However often, from the start and from the middle: records, store, site, figures, ids."""
    faults = ["kvs.error=20%", "platform.error=20%"]
    with Emulator(write_app(app_dir), seed=3, latency="typical", faults=faults) as emu:
        start = emu.snapshot()
        first = play(emu)
        middle, at = emu.snapshot(), emu.clock.now
        second = play(emu, 7)
        for _ in range(2):
            emu.restore(middle)
            assert emu.clock.now == at
            assert RecordBatch(emu.records).text == first[0]
            assert play(emu, 7) == second
        emu.restore(start)
        assert (emu.events, emu.product_events, dict(emu.kvs), emu.clock.now) == ([], [], {}, 0)
        assert play(emu) == first


def test_a_run_from_a_snapshot_is_that_of_a_new_emulator(app_dir: AppDir) -> None:
    """A test that shares an emulator sees what it would see alone."""
    app = write_app(app_dir)
    with Emulator(app, seed=3) as emu:
        alone = play(emu)
    with Emulator(app, seed=3) as emu:
        start = emu.snapshot()
        play(emu, 9)
        emu.restore(start)
        assert play(emu) == alone


def test_what_waits_is_part_of_it(app_dir: AppDir) -> None:
    """Events that are not due yet, and those that were planned and not sent."""
    with Emulator(write_app(app_dir)) as emu:
        emu.trigger("issue-created", count=4, rate=1 / 60)
        emu.clock.advance("90s")
        waiting = emu.snapshot()
        ends = []
        for _ in range(2):
            assert (len(emu.product_events), emu.queue("notes").pending) == (2, 1)
            emu.until_idle()
            ends.append(sorted(emu.kvs))
            emu.restore(waiting)
        assert ends[0] == ends[1]
        assert len(ends[0]) == 4


def test_variables_of_modules_begin_anew(app_dir: AppDir) -> None:
    """They are not part of a snapshot: each instance evaluates the app's modules again."""
    app = write_app(app_dir)
    (app / "src" / "index.py").write_text(COUNTING, "utf-8")
    with Emulator(app) as emu:
        emu.trigger("issue-created", key="EMU-1")
        emu.until_idle()
        taken = emu.snapshot()
        for _ in range(2):
            emu.trigger("issue-created", key="EMU-2")
            emu.until_idle()
            assert emu.kvs["seen"] == {"keys": ["EMU-2"]}
            emu.restore(taken)
            assert emu.kvs["seen"] == {"keys": ["EMU-1"]}


def test_a_handler_at_work_is_in_the_way(app_dir: AppDir) -> None:
    """Of taking one and of going back; both say what to do."""
    app = write_app(app_dir)
    (app / "src" / "index.py").write_text(WAITING, "utf-8")
    with Emulator(app) as emu:
        start = emu.snapshot()
        emu.trigger("issue-created", count=2)
        emu.clock.advance(1)
        for again in (emu.snapshot, lambda: emu.restore(start)):
            with pytest.raises(UserError, match=r"while created works on .*, and 1 others") as told:
                again()
            assert "until_idle()" in str(told.value.hint)
        emu.until_idle()
        emu.restore(start)


def test_a_snapshot_belongs_to_its_emulator(app_dir: AppDir, tmp_path: Path) -> None:
    """Another one does not take it."""
    app = write_app(app_dir)
    with Emulator(app) as one, Emulator(app) as other:
        taken = one.snapshot()
        with pytest.raises(UserError, match="of another emulator"):
            other.restore(taken)
