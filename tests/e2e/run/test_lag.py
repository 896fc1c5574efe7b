"""Real time: what waits for this machine is not the handlers' time."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.emulator_process import EmulatorProcess
from tests.e2e.handlers.test_isolation import app_with

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
