"""Worker threads of an app in virtual time: what they are asked for is waited for."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.e2e import apps
from tests.e2e.emulator_process import run_command

pytestmark = pytest.mark.node

AWAITED = """
  const worker = new Worker(`
    const { parentPort } = require('node:worker_threads');
    parentPort.on('message', (n) => setTimeout(() => parentPort.postMessage(n + 1), 100));
  `, { eval: true });
  worker.postMessage(1);
  const [first] = await once(worker, 'message');
  worker.postMessage(first);
  const [second] = await once(worker, 'message');
  await worker.terminate();
  console.log(`got ${first} ${second} after ${Date.now() - begun} ms`);
"""
IDLE = """
  const worker = new Worker(`
    const { parentPort } = require('node:worker_threads');
    parentPort.on('message', () => {});
    parentPort.postMessage('ready');
  `, { eval: true });
  await once(worker, 'message');
  await new Promise((resolve) => setTimeout(resolve, 20_000));
  console.log(`slept ${Date.now() - begun} ms`);
  await worker.terminate();
"""
BROKEN = """
  const worker = new Worker('throw new Error("broken in a thread")', { eval: true });
  await Promise.race([once(worker, 'message'), once(worker, 'exit')]);
"""


@pytest.mark.parametrize(
    ("body", "outcome", "said"),
    [
        (AWAITED, "success", "got 2 3 after 0 ms"),
        (IDLE, "success", "slept 20000 ms"),
        (BROKEN, "error", "broken in a thread"),
    ],
)
def test_an_awaited_worker_thread(tmp_path: Path, body: str, outcome: str, said: str) -> None:
    """Time stands still until it answers, and goes on beside one that has nothing to do."""
    source = (
        "import { Worker } from 'node:worker_threads';\nimport { once } from 'node:events';\n"
        f"export async function created() {{\n  const begun = Date.now();{body}}}\n"
        "export function store() {}\n"
    )
    app = apps.app_without_packages(tmp_path / "app", source)
    records = tmp_path / "records.jsonl"
    run_command("simulate", app, "issue-created", "--records", records)
    found = [json.loads(line) for line in records.read_text("utf-8").splitlines()]
    ended = next(r for r in found if r["type"] == "invocation.finished")
    messages = [r["message"] for r in found if r["type"] == "log"]
    assert ended["outcome"] == outcome
    assert said in [*messages, (ended["error"] or {}).get("message")]
