"""Code of an invocation that has timed out, and still runs: what it asks for has no effect."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.e2e import apps
from tests.e2e.emulator_process import RecordJson, run_command
from tests.npm import NEWEST

JAVASCRIPT = """\
import { Queue } from '@forge/events';
import { kvs } from '@forge/kvs';

const queue = new Queue({ key: 'store-later' });

export async function created() {
  const since = Date.now();
  await kvs.set('before', 1);
  while (Date.now() - since < 1500);
  console.log('still here');
  for (const call of [() => kvs.set('after', 1), () => queue.push({ body: {} })]) {
    try {
      await call();
    } catch {
      // The next one is refused as well.
    }
  }
}

export const store = () => {};
"""

PYTHON = """\
import time
from forge_emu.sdk import Queue, kvs

queue = Queue(key="store-later")

def created(event):
    since = time.time()
    kvs.set("before", 1)
    while time.time() - since < 1.5:
        pass
    print("still here")
    for call in (lambda: kvs.set("after", 1), lambda: queue.push({"body": {}})):
        try:
            call()
        except Exception:
            pass

def store():
    pass
"""


def javascript_app(root: Path) -> Path:
    """With the real packages."""
    apps.write_files(root, {"manifest.yml": apps.MANIFEST, "src/index.js": JAVASCRIPT})
    return apps.link_packages(root, NEWEST)


def python_app(root: Path) -> Path:
    """With the SDK."""
    return apps.write_files(root, {"manifest.yml": apps.MANIFEST, "src/index.py": PYTHON})


@pytest.mark.parametrize(
    "write_app", [pytest.param(javascript_app, marks=pytest.mark.node), python_app]
)
def test_late_calls_are_refused_and_on_record(tmp_path: Path, write_app: apps.WriteApp) -> None:
    """Nothing is stored, pushed or printed after the timeout; each call is a warning."""
    records = tmp_path / "records.jsonl"
    done = run_command(
        *("simulate", write_app(tmp_path / "app"), "issue-created"),
        *("--count", "6", "--spread", "30s", "--records", records),
        *("--set", "limits.invocations.trigger_timeout_seconds=1"),
        *("--set", "product_events.max_retries=0"),
    )
    assert done.returncode == 0, done.stderr
    seen: list[RecordJson] = [json.loads(line) for line in records.read_text().splitlines()]
    outcomes = [r["outcome"] for r in seen if r["type"] == "invocation.finished"]
    assert outcomes == ["timeout"] * 6
    assert {r["key"] for r in seen if r["type"] == "kvs.done"} == {"before"}
    assert not [r for r in seen if r["type"] == "event.pushed"]
    ended = {r["invocation_id"]: r["at"] for r in seen if r["type"] == "invocation.finished"}
    logs = [r for r in seen if r["type"] == "log"]
    assert {r["message"].split(" came after ")[0] for r in logs} <= {
        "POST /api/v1/set",
        "POST /webhook/queue/publish/{contextAri}/{environmentId}/{appId}/{appVersion}",
    }
    assert len({r["invocation_id"] for r in logs}) >= 2
    assert all(ended[r["invocation_id"]] < r["at"] for r in logs)
