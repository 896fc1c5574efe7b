"""Virtual time end to end: a day in seconds, alike each time."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.e2e import apps
from tests.e2e.emulator_process import EmulatorProcess, run_command, running_emulator

pytestmark = pytest.mark.node

DAY = 24 * 3_600_000
FAILING = """\
import { InvocationError, Queue } from '@forge/events';

const queue = new Queue({ key: 'store-later' });

export const created = (event) => queue.push({ body: { key: event.issue.key } });

export async function store() {
  return new InvocationError({ retryAfter: 900, retryReason: 'FUNCTION_RETRY_REQUEST' });
}
"""


def records(app: Path, *arguments: str, count: int = 1000) -> bytes:
    """What a whole run prints."""
    done = run_command(
        "run",
        app,
        "--virtual",
        "--until-idle",
        "--json",
        "--trigger",
        "issue-created",
        "--count",
        str(count),
        *arguments,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.encode()


@contextmanager
def busy_machine() -> Iterator[None]:
    """More programs that only compute than the machine has cores."""
    spinning = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(3)]
    try:
        yield
    finally:
        for process in spinning:
            process.kill()
            process.wait()


def test_the_same_seed_gives_the_same_bytes_whatever_the_load(tmp_path: Path) -> None:
    """Events that meet limits; another seed gives another order, the same totals."""
    app = apps.typescript_app(tmp_path)
    limits = ("--set", "limits.push.events_per_minute=150")
    first = records(app, "--seed", "7", *limits, count=300)
    with busy_machine():
        assert records(app, "--seed", "7", *limits, count=300) == first
    other = records(app, "--seed", "8", *limits, count=300)
    assert other != first
    for text in (first, other):
        lines = [json.loads(line) for line in text.splitlines()]
        kinds = Counter(line["type"] for line in lines)
        assert kinds["product_event.sent"] == 300
        assert kinds["push.refused"] > 0
        assert kinds["invocation.started"] == kinds["invocation.finished"]
        summary = lines[-1]
        assert summary["events"]["pending"] == summary["product_events"]["pending"] == 0
        assert lines[0]["time"] == "2026-01-01T00:00:00.000Z"


def test_each_retry_starts_exactly_when_it_is_due(tmp_path: Path) -> None:
    """Not a millisecond late, unless every instance is taken."""
    due: dict[str, int] = {}
    started = 0
    arguments = (
        "--seed",
        "3",
        "--set",
        "limits.kvs.write_units_per_minute=60",
        "--set",
        "delivery.max_instances=2000",
    )
    for line in records(apps.queued_app(tmp_path), *arguments, count=100).splitlines():
        record: dict[str, Any] = json.loads(line)
        if record["type"] == "retry.scheduled" and "event_id" in record:
            due[record["event_id"]] = record["due_at"]
        elif record["type"] == "invocation.started" and record.get("event_id") in due:
            assert record["at"] == due.pop(record["event_id"])
            started += 1
    assert started > 50


def test_an_event_that_always_fails_is_tried_for_a_day(tmp_path: Path) -> None:
    """Every quarter of an hour, and dropped at the very end of its window."""
    app = apps.queued_app(tmp_path)
    (app / "src" / "index.js").write_text(FAILING)
    text = records(app, "--set", "async_events.max_retries=none", count=1)
    lines = [json.loads(line) for line in text.splitlines()]
    (dropped,) = [r for r in lines if r["type"] == "event.dropped"]
    (pushed,) = [r for r in lines if r["type"] == "event.pushed"]
    assert dropped["reason"] == "retention_window"
    assert dropped["at"] - pushed["at"] == dropped["age_ms"] == DAY
    starts = [r["at"] for r in lines if r["type"] == "invocation.started" and "event_id" in r]
    assert {b - a for a, b in pairwise(starts)} == {900_000}
    assert 95 <= len(starts) == dropped["attempts"] <= 97


def test_an_order_from_another_terminal_plays_at_once(tmp_path: Path) -> None:
    """The emulator stays when it is idle, and plays the next order from where time stands."""
    with running_emulator(apps.typescript_app(tmp_path), "--virtual", "--limits", "off") as run:
        for _ in range(2):
            done = run_command(
                "trigger",
                "issue-created",
                "--count",
                "20",
                "--spread",
                "1h",
                "--wait",
                "--app",
                run.app,
            )
            assert done.returncode == 0, done.stderr
        run.interrupt()
        summary = run.wait_for_summary()
    assert summary["product_events"]["succeeded"] == 40
    assert summary["ended_at"] == 2 * 57 * 60_000
    assert run.process.returncode == 0


def test_a_handler_may_sleep_for_less_than_its_timeout(tmp_path: Path) -> None:
    """Judged in emulated time: 24 s are well, 26 s are too long for a trigger."""
    app = apps.queued_app(tmp_path)
    (app / "src" / "index.js").write_text(
        "import { setTimeout as sleep } from 'timers/promises';\n"
        "let n = 0;\n"
        "export const created = (event) =>"
        " sleep(event.issue.key === 'EMU-1' ? 24_000 : 26_000);\n"
        "export function store() {}\n"
    )
    text = records(app, "--set", "product_events.max_retries=0", count=2)
    ends = [r for r in map(json.loads, text.splitlines()) if r["type"] == "invocation.finished"]
    assert [(r["outcome"], r["duration_ms"]) for r in ends] == [
        ("success", 24_000),
        ("timeout", 25_000),
    ]


def test_an_interrupt_lets_running_handlers_finish(tmp_path: Path) -> None:
    """As in every other time."""
    app = apps.queued_app(tmp_path)
    (app / "src" / "index.js").write_text(
        "export const created = async () => {\n"
        "  console.log('begun');\n"
        "  await require('util').promisify(require('child_process').exec)('sleep 0.5');\n"
        "};\n"
        "export function store() {}\n"
    )
    run = EmulatorProcess(app, "--virtual", "--trigger", "issue-created")
    try:
        run.wait_for(lambda r: r["type"] == "log" and r["message"] == "begun")
        run.interrupt()
        assert run.wait_for_summary()["product_events"]["succeeded"] == 1
    finally:
        run.close()


def test_latencies_take_emulated_time(tmp_path: Path) -> None:
    """The sum of them is what a handler takes, and the seed repeats those that vary."""
    app = apps.queued_app(tmp_path)
    (app / "src" / "index.js").write_text(
        "import { storage } from '@forge/api';\n"
        "export async function created(event) {\n"
        "  await storage.set('a', 1);\n"
        "  await storage.get('a');\n"
        "}\n"
        "export function store() {}\n"
    )

    def durations(*latencies: str) -> list[int]:
        sets = [word for latency in latencies for word in ("--set", latency)]
        text = records(app, "--seed", "4", *sets, count=20)
        ends = [r for r in map(json.loads, text.splitlines()) if r["type"] == "invocation.finished"]
        assert {r["outcome"] for r in ends} == {"success"}
        return [r["duration_ms"] for r in ends]

    assert set(durations("latency.kvs=50ms", "latency.invocation=200ms")) == {300}
    varied = durations("latency.kvs=uniform(10ms,200ms)")
    assert len(set(varied)) > 10
    assert all(20 <= d <= 400 for d in varied)
    assert durations("latency.kvs=uniform(10ms,200ms)") == varied
