"""Snapshots of apps in JavaScript that use queues, the store, schedules and the site."""

from __future__ import annotations

from pathlib import Path

import pytest

from forge_emu.records import RecordBatch
from forge_emu.testing import Emulator
from tests.e2e.apps import app_without_packages, queued_app, typescript_app
from tests.e2e.situations import copied_app

pytestmark = pytest.mark.node


def help_desk(folder: Path) -> Path:
    """It writes to Jira and Confluence, has schedules, and events from its own writes."""
    return copied_app("help_desk", folder, "api8")


@pytest.mark.parametrize("write_app", [queued_app, typescript_app, help_desk])
def test_the_same_calls_give_the_same_records(write_app: object, tmp_path: Path) -> None:
    """As those that followed the snapshot when it was taken."""
    assert callable(write_app)
    with Emulator(write_app(tmp_path), seed=5, latency="typical") as emu:
        taken, played = [], []
        for _ in range(2):
            taken.append(emu.snapshot())
            emu.trigger("issue-created", count=40, spread="2m")
            emu.clock.advance("7m")
            emu.until_idle()
            played.append((RecordBatch(emu.records).text, dict(emu.kvs), emu.summary.whole))
        for start, end in reversed(list(zip(taken, played, strict=True))):
            emu.restore(start)
            emu.trigger("issue-created", count=40, spread="2m")
            emu.clock.advance("7m")
            emu.until_idle()
            assert (RecordBatch(emu.records).text, dict(emu.kvs), emu.summary.whole) == end


COUNTING = """
let inModule = 0;
export async function created(event) {
  globalThis.count = (globalThis.count ?? 0) + 1;
  inModule += 1;
  console.log(event.issue.key, globalThis.count, inModule);
}
export const store = created;
"""


def test_variables_of_modules_and_of_the_global_object_begin_anew(tmp_path: Path) -> None:
    """Also where a function has got a thread of its own for keeping some."""
    with Emulator(app_without_packages(tmp_path, COUNTING)) as emu:
        start = emu.snapshot()
        for _ in range(3):
            emu.trigger("issue-created", count=3, rate=1)
            emu.until_idle()
            assert emu.logs == ["EMU-1 1 1", "EMU-2 2 2", "EMU-3 3 3"]
            emu.restore(start)
