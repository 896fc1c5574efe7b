"""Real time: what waits for this machine is not the handlers' time."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e import apps
from tests.e2e.emulator_process import EmulatorProcess
from tests.e2e.handlers.test_isolation import app_with
from tests.npm import NEWEST

pytestmark = pytest.mark.node

SOURCE = """
import { pbkdf2Sync } from 'node:crypto';
export const computes = async () => {
  for (let i = 0; i < 4; i++) pbkdf2Sync('x', 's', 1e5, 32, 'sha256');
  await new Promise((resolve) => setTimeout(resolve, 50));
};
"""


def test_many_that_compute_at_once_meet_no_timeout(tmp_path: Path) -> None:
    """All together need longer than each has; each has its own time, from when it begins."""
    app = app_with(tmp_path / "app", SOURCE, {"computes": ("created", 512)})
    run = EmulatorProcess(
        app,
        *("--ephemeral", "--until-idle", "--trigger", "issue-created", "--count", "60"),
        *("--set", "limits.invocations.trigger_timeout_seconds=4"),
        *("--set", "product_events.max_retries=0"),
    )
    summary = run.wait_for_summary()

    assert summary["invocations"] == {"success": 60}
    waits = [record.get("waited_ms", 0) for record in run.records_of("invocation.finished")]
    assert max(waits) == summary.get("lag_ms", 0)


PUSHES = """
import { Queue } from '@forge/events';
const queue = new Queue({ key: 'store-later' });
export const created = async (event) => {
  await queue.push({ body: { key: event.issue.key } });
  const until = performance.now() + 1_600;
  while (performance.now() < until);
};
export const store = () => {};
"""


def test_many_that_push_and_then_compute_push_once_each(tmp_path: Path) -> None:
    """They share a thread when they begin; to wait for another one is not their own time."""
    app = apps.app_without_packages(tmp_path / "app", PUSHES)
    apps.link_packages(app, NEWEST)
    run = EmulatorProcess(
        app,
        *("--ephemeral", "--until-idle", "--trigger", "issue-created", "--count", "6"),
        *("--set", "limits.invocations.trigger_timeout_seconds=6"),
        *("--set", "product_events.max_retries=0"),
    )
    summary = run.wait_for_summary()

    assert summary["invocations"] == {"success": 12}
    assert summary["events"]["pushed"] == 6
