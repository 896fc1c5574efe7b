"""Handlers that misbehave in every way at once, beside others that do not."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tests.e2e import apps
from tests.e2e.emulator_process import EmulatorProcess

pytestmark = pytest.mark.node

MIXED = """\
let mine;
exports.created = async (event) => {
  const n = Number(event.issue.key.slice(4));
  switch (n) {
    case 10: for (;;);
    case 20: { const kept = []; for (;;) kept.push(new Array(10000).fill(n)); }
    case 30: process.exit(1);
    case 40: Promise.reject(new Error('later')); return new Promise(() => {});
    case 50: throw 'no error at all';
    case 60: setTimeout(() => { throw new Error('after the end'); }); return;
    case 70: console.log('x'.repeat(10_000_000)); return;
    case 80: process.stdout.write('raw\\n'); return;
  }
  mine = n;
  await new Promise((r) => setTimeout(r, n % 7));
  if (mine !== n) throw new Error(`another invocation's value: ${mine} for ${n}`);
};
exports.store = () => {};
"""


def test_each_ends_its_own_invocation_only(tmp_path: Path) -> None:
    """The right outcome for each, no loss, and no module-level value ever seen by another."""
    created = "handler: index.created\n"
    manifest = apps.MANIFEST.replace(created, f"{created}      runtime: {{memoryMB: 128}}\n")
    run = EmulatorProcess(
        apps.app_without_packages(tmp_path, MIXED, manifest),
        "--trigger",
        "issue-created",
        "--count",
        "200",
        "--until-idle",
        "--speed",
        "20",
        "--set",
        "product_events.max_retries=1",
        "--set",
        "limits.invocations.trigger_timeout_seconds=5",
    )
    summary = run.wait_for_summary()
    assert run.process.returncode == 0, run.stderr

    keys = {r["product_event_id"]: r["subject"] for r in run.records_of("product_event.sent")}
    outcomes: dict[str, Counter[str]] = {}
    errors = []
    for record in run.records_of("invocation.finished"):
        key = keys[record["product_event_id"]]
        outcomes.setdefault(key, Counter())[record["outcome"]] += 1
        if record["outcome"] == "error":
            errors.append((key, record["error"]["message"]))
    assert outcomes["EMU-10"]["timeout"] >= 1
    assert outcomes["EMU-20"]["out_of_memory"] >= 1
    assert {key for key, _ in errors} == {"EMU-30", "EMU-40", "EMU-50"}
    assert ("EMU-40", "later") in errors
    dropped = {keys[r["product_event_id"]] for r in run.records_of("product_event.dropped")}
    assert dropped >= {"EMU-10", "EMU-20", "EMU-30", "EMU-40", "EMU-50"}
    ended = len(run.records_of("product_event.succeeded")) + len(
        run.records_of("product_event.dropped")
    )
    assert ended == 200
    assert summary["product_events"]["pending"] == 0
    assert any("raw" in r["message"] for r in run.records_of("log"))
