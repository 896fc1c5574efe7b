"""What the page shows of events and their attempts."""

from __future__ import annotations

from typing import Any

import pytest

from forge_emu.model import Unanswered, UnansweredCall
from forge_emu.records import EmulatorRestarted, EventDeferred
from forge_emu.report.page import PageBuilder
from tests.report.page.pages import import_of_issues
from tests.timeline.stream import BOOM, Stream


def _played() -> tuple[PageBuilder, Stream]:
    builder = PageBuilder()
    return builder, Stream(builder.add_record)


def _attempts(columns: dict[str, Any]) -> list[dict[str, Any]]:
    """Attempts as dictionaries, with words for their numbers."""
    found: dict[str, list[int]] = columns["attempts"]
    plain = [dict(zip(found, row, strict=True)) for row in zip(*found.values(), strict=True)]
    event = at = 0
    for row in plain:
        event, at = event + row["event"], at + row["at"]
        row["event"], row["at"] = event, at
        for name in ("function", "outcome", "refused", "error"):
            row[name] = columns["words"][row[name]] if row[name] >= 0 else None
    return plain


def test_only_events_in_trouble_have_a_story() -> None:
    """The others went through at once; a success after trouble belongs to the story."""
    builder, stream = _played()
    for id in ("good", "bad"):
        stream.pushed(0, id)
    stream.succeeded(500, "good")
    stream.failed(500, "bad", outcome="error", error=BOOM)
    stream.retry(520, "bad", 5_520, by="platform")
    stream.succeeded(5_520, "bad")
    columns = builder.columns(6_000)

    found = [(a["event"], a["outcome"], a["due"], a["error"]) for a in _attempts(columns)]
    assert found == [(1, "error", 5_520, "Error: boom"), (1, "success", -1, None)]
    assert columns["ids"] == ["good", "bad"]
    assert columns["events"]["state"] == [1, 1]
    assert columns["events"]["attempts"] == [1, 2]


def test_what_a_handler_did_not_wait_for_is_part_of_its_story() -> None:
    """Also of an event that went through at once."""
    builder, stream = _played()
    stream.pushed(0, "e")
    calls = [UnansweredCall("kvs.set", "k", 2, "src/index.js:4")]
    stream.finished(520, stream.started(500, "e"), "e", unanswered=Unanswered(2, calls))
    stream.ended(520, "e")

    (attempt,) = _attempts(builder.columns(1_000))
    assert attempt["outcome"] == "success"
    assert attempt["error"] == "2 requests not awaited: kvs.set k ×2 (src/index.js:4)"


def test_what_a_delivery_waits_for_is_part_of_its_story() -> None:
    """A limit that put it off, once or again and again."""
    builder, stream = _played()
    stream.pushed(0, "e")
    for at in (500, 1_500):
        stream.record(
            at, EventDeferred(limit="concurrency:k", due_at=at + 1_000, event_id="e", queue="q")
        )
    stream.succeeded(2_500, "e")

    found = [(a["outcome"], a["refused"], a["due"]) for a in _attempts(builder.columns(3_000))]
    assert found == [
        ("deferred", "concurrency:k", 1_500),
        ("deferred", "concurrency:k", 2_500),
        ("success", None, -1),
    ]


def test_events_are_tied_to_the_product_event_they_descend_from() -> None:
    """With its subject."""
    builder, stream = _played()
    stream.sent(0, "p", subject="EMU-1")
    by = stream.triggered(0, "p")
    stream.pushed(10, "e", by=by)
    stream.pushed(20, "f", by=stream.started(510, "e"))
    columns = builder.columns(600)

    assert columns["events"]["parent"] == [-1, 0, 1]
    assert {columns["words"][n] for n in columns["events"]["subject"]} == {"EMU-1"}


def test_a_replay_descends_from_what_the_first_one_descended_from() -> None:
    """Its push has long ended."""
    builder, stream = _played()
    stream.sent(0, "p", subject="EMU-1")
    by = stream.triggered(0, "p")
    stream.pushed(10, "e", by=by)
    stream.returned(20, by, "p")
    stream.succeeded(600, "e")
    stream.pushed(9_000, "f", by=by, again="e")
    stream.pushed(9_100, "g", by="", again="unknown")
    columns = builder.columns(9_200)

    assert columns["events"]["parent"] == [-1, 0, 0, -1]
    assert [n >= 0 for n in columns["events"]["subject"]] == [True, True, True, False]


def test_what_still_runs_is_shown_as_running() -> None:
    """With its start, and no end."""
    builder, stream = _played()
    stream.pushed(0, "e")
    stream.started(500, "e")
    columns = builder.columns(900)

    assert [(row, attempt, at) for row, _, attempt, at in columns["running"]] == [(0, 1, 500)]


def test_an_expired_event_has_a_state_of_its_own() -> None:
    """It is not listed among the dropped."""
    builder = PageBuilder()
    stream = Stream(builder.add_record)
    stream.pushed(0, "e")
    stream.expired(9_000, "e")
    columns = builder.columns(9_000)

    assert columns["states"][columns["events"]["state"][0]] == "expired"
    assert columns["events"]["age"] == [9_000]


def test_memory_is_bounded() -> None:
    """Beyond what is listed, events and attempts are only counted."""
    builder = PageBuilder(most_events=3, most_attempts=2)
    stream = Stream(builder.add_record)
    for n in range(5):
        stream.pushed(0, f"e{n}")
        stream.failed(500, f"e{n}")
        stream.retry(520, f"e{n}", 1_520)
        stream.dropped(1_520, f"e{n}")
    columns = builder.columns(2_000)

    assert columns["left_out"] == {"events": 2, "attempts": 1}
    assert len(columns["ids"]) == 3
    assert len(columns["attempts"]["at"]) == 2


def test_limits_that_were_met_say_what_they_carry() -> None:
    """4,000 units a minute are 333 writes of 12 units; a limit never met is not drawn."""
    columns = import_of_issues(40).builder.columns(90_000)

    assert columns["capacity"] == [
        {"name": "limits.kvs.write_units_per_minute", "per_minute": pytest.approx(4_000 / 12)}
    ]


def test_charts_begin_with_the_run() -> None:
    """Events of an earlier run are listed; what is counted over time is of this one."""
    builder, stream = _played()
    stream.pushed(0, "earlier")
    stream.failed(500, "earlier")
    stream.retry(520, "earlier", 90_000)
    restarted = EmulatorRestarted(
        previous_end=600, clean=False, away_ms=10_000, pending=1, overdue=0, interrupted=0
    )
    stream.record(60_000, restarted)
    stream.succeeded(90_000, "earlier")
    columns = builder.columns(100_000)

    assert columns["ids"] == ["earlier"]
    assert [a["outcome"] for a in _attempts(columns)] == ["retry_requested", "success"]
    over_time = columns["over_time"]
    assert over_time["start"] >= 60_000
    assert sum(over_time["first"]) + sum(over_time["retries"]) == 1
