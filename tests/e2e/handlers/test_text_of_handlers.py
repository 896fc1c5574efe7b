"""Half a surrogate pair in what a handler says: it arrives, and no outcome is lost for it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.e2e import apps
from tests.e2e.emulator_process import run_command

pytestmark = pytest.mark.node

SOURCE = """\
import { Queue, InvocationError } from '@forge/events';

export async function created(event) {
  console.log('\\udc00');
  await new Queue({ key: 'store-later' }).push({ body: { '\\ud800': 'x\\ud800' } });
}

export async function store(event) {
  const count = event.retryContext?.retryCount ?? 0;
  if (count === 0) return new InvocationError({ retryAfter: 1, retryData: { '\\ud800': 1 } });
  if (count === 1) return new InvocationError({ retryAfter: 1, retryData: '\\udc00' });
  if (count === 2) throw new Error('\\ud800');
  console.log(JSON.stringify([event.body, event.retryContext.retryData]));
}
"""


def test_outcomes_arrive_whatever_their_text_is(tmp_path: Path) -> None:
    """In keys of retry data, in payloads, in errors and in what is printed."""
    app = apps.queued_app(tmp_path)
    (app / "src" / "index.js").write_text(SOURCE)
    records = tmp_path / "records.jsonl"
    done = run_command("simulate", app, "issue-created", "--records", records)
    assert done.returncode == 0, done.stderr
    found = [json.loads(line) for line in records.read_text("utf-8").splitlines()]
    outcomes = [r["outcome"] for r in found if r["type"] == "invocation.finished"]
    assert outcomes == ["success", "retry_requested", "retry_requested", "error", "success"]
    said = [r["message"] for r in found if r["type"] == "log" and r["level"] == "info"]
    assert "\ufffd" in said
    assert any('"x\ufffd"' in message for message in said)


def test_an_app_with_half_a_character_is_checked(tmp_path: Path) -> None:
    """Its source is an app's source."""
    app = apps.queued_app(tmp_path)
    (app / "src" / "index.js").write_text(SOURCE)
    done = run_command("check", app, "--no-load")
    assert done.returncode == 0, done.stdout + done.stderr
