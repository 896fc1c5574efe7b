"""Real apps with their own packages, from a directory outside the repository."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tests.e2e import apps
from tests.e2e.emulator_process import EmulatorProcess, RecordJson

pytestmark = pytest.mark.node

LIMITS = {
    "limits.push.events_per_minute",
    "limits.kvs.write_units_per_minute",
    "limits.kvs.read_units_per_minute",
    "limits.kvs.requests_per_second",
}


def play(app: Path, *arguments: str, count: int = 1000) -> tuple[EmulatorProcess, RecordJson]:
    """Created issues, to the end."""
    run = EmulatorProcess(
        app, "--trigger", "issue-created", "--count", str(count), "--until-idle", *arguments
    )
    summary = run.wait_for_summary()
    assert run.process.returncode == 0, run.stderr
    return run, summary


@pytest.mark.parametrize("make", [apps.queued_app, apps.typescript_app])
def test_a_thousand_events_without_limits(make: apps.WriteApp, tmp_path: Path) -> None:
    """A thousand product events, pushes and successes, nothing pending."""
    run, summary = play(make(tmp_path), "--limits", "off")
    types = Counter(r["type"] for r in run.records)
    assert types["product_event.succeeded"] == 1000
    assert types["event.pushed"] == types["event.succeeded"] == 1000
    assert types["kvs.done"] >= 1000
    assert summary["events"]["pending"] == summary["product_events"]["pending"] == 0
    assert not types["retry.scheduled"]


def test_a_thousand_events_with_todays_limits(tmp_path: Path) -> None:
    """Every refusal names its limit, and the books balance at every moment."""
    run, summary = play(apps.typescript_app(tmp_path), "--virtual")
    pushed = ended = 0
    for record in run.records:
        pushed += record["type"] == "event.pushed"
        ended += record["type"] in ("event.succeeded", "event.dropped", "event.cancelled")
        assert ended <= pushed
    figures = summary["events"]
    assert pushed == figures["pushed"] == ended + figures["pending"]
    refused = run.records_of("push.refused") + run.records_of("kvs.refused")
    assert refused
    assert {r["limit"] for r in refused} <= LIMITS
    assert {r["error"] for r in run.records_of("push.refused")} == {"RateLimitError"}
    ids = [
        r["event_id"] for r in run.records_of("event.succeeded") + run.records_of("event.dropped")
    ]
    assert len(ids) == len(set(ids))


def test_retries_come_exactly_when_they_are_due(tmp_path: Path) -> None:
    """No attempt starts before its due time, and each retry belongs to an attempt."""
    limit = ("--set", "limits.kvs.write_units_per_minute=100")
    run, _ = play(apps.queued_app(tmp_path), "--virtual", *limit, count=300)
    due: dict[str, int] = {}
    started = 0
    for record in run.records:
        if record["type"] == "retry.scheduled" and "event_id" in record:
            due[record["event_id"]] = record["due_at"]
        elif record["type"] == "invocation.started" and record.get("event_id") in due:
            assert record["at"] >= due.pop(record["event_id"])
            started += 1
    assert started > 200
