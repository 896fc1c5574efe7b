"""The figures of the summary, for a whole run and for one batch."""

from __future__ import annotations

import msgspec

from forge_emu.model import LimitUsage
from forge_emu.records import (
    EmulatorRestarted,
    EventCancelled,
    EventDeferred,
    KvsRefused,
    Log,
    RequestUnsupported,
)
from forge_emu.report.summary import Summary
from forge_emu.report.summary_builder import SummaryBuilder
from tests.timeline.burst import add_burst, usage
from tests.timeline.stream import BOOM, Stream


def _played() -> tuple[SummaryBuilder, Stream]:
    builder = SummaryBuilder()
    return builder, Stream(builder.add_record)


def test_an_empty_run_has_an_empty_summary() -> None:
    """Nothing happened, nothing is found."""
    summary = SummaryBuilder().summary(now=5_000, usage=[])

    assert (summary.started_at, summary.ended_at) == (5_000, 5_000)
    assert summary.events.pushed == 0
    assert summary.advice == []


def test_a_run_that_goes_on_says_so() -> None:
    """It begins with the restart, and knows what it took over."""
    builder, stream = _played()
    restarted = EmulatorRestarted(
        previous_end=500, clean=False, away_ms=1_500, pending=3, overdue=1, interrupted=1
    )
    stream.record(2_000, restarted)
    summary = builder.summary(now=7_000)
    assert (summary.started_at, summary.taken_over) == (2_000, 3)
    assert SummaryBuilder(builder).summary(now=7_000).taken_over is None


def test_a_run_is_counted_by_what_became_of_it() -> None:
    """States, attempts, retries, drops, outcomes and times, each by its own key."""
    builder, stream = _played()
    stream.loaded()
    stream.sent(1_000, "p")
    by = stream.triggered(1_000, "p")
    for id in ("good", "twice", "bad", "open", "off"):
        stream.pushed(1_000, id, by=by)
    stream.returned(1_010, by, "p")
    stream.product_succeeded(1_010, "p")
    stream.succeeded(1_500, "good")
    stream.failed(1_500, "twice", outcome="error", error=BOOM)
    stream.retry(1_520, "twice", 6_520, by="platform", reason="FUNCTION_PLATFORM_UNKNOWN_ERROR")
    stream.succeeded(6_520, "twice")
    stream.failed(1_500, "bad")
    stream.dropped(1_520, "bad")
    stream.record(
        2_000, EventCancelled(event_id="off", queue="snapshots", attempts=0, age_ms=1_000)
    )
    summary = builder.summary(now=7_000, usage=[])

    assert summary.started_at == 1_000
    assert summary.product_events.succeeded == 1
    figures = summary.events
    assert (figures.pushed, figures.succeeded, figures.dropped) == (5, 2, 1)
    assert (figures.cancelled, figures.pending, figures.scheduled) == (1, 1, 1)
    assert summary.attempts == {"0": 1, "1": 2, "2": 1}
    assert summary.retries.by_reason == {"FUNCTION_PLATFORM_UNKNOWN_ERROR": 1}
    assert summary.retries.by_asked_by == {"platform": 1}
    assert summary.drops == {"max_retries": 1}
    assert summary.invocations == {"success": 3, "error": 1, "retry_requested": 1}
    assert summary.errors[0].message == "boom"
    spans = summary.time_to_success
    assert (spans.count, spans.p50_ms, spans.max_ms) == (2, 520, 5_540)


def test_refusals_and_deferrals_are_counted_by_limit() -> None:
    """Pushes, events of pushes, calls of the store; deferrals apart."""
    builder, stream = _played()
    stream.push_refused(0, events=3)
    stream.push_refused(1)
    stream.record(
        2,
        KvsRefused(
            operation="set",
            key="k",
            code="KEY_TOO_LONG",
            status=400,
            limit=None,
            invocation_id=None,
        ),
    )
    stream.record(3, EventDeferred(limit="concurrency:k", due_at=9, event_id="e", queue="q"))
    summary = builder.summary(now=9)

    name = "limits.push.events_per_minute"
    assert summary.refusals.push == {name: 2}
    assert summary.refusals.push_events == {name: 4}
    assert summary.refusals.kvs == {"KEY_TOO_LONG": 1}
    assert summary.deferrals == {"concurrency:k": 1}


def test_logs_and_missing_services_are_counted() -> None:
    """Log lines by level, calls of what is not emulated by what was called."""
    builder, stream = _played()
    for level in ("info", "error", "info"):
        stream.record(0, Log(level=level, message="x"))
    call = RequestUnsupported(
        service="jira",
        method="GET",
        path="/rest/api/3/issue",
        message="not yet",
        invocation_id=None,
    )
    stream.record(1, call)
    stream.record(2, call)
    summary = builder.summary(now=3)

    assert summary.logs == {"info": 2, "error": 1}
    assert [(u.path, u.count) for u in summary.unsupported] == [("/rest/api/3/issue", 2)]


def test_progress_is_what_a_bar_needs() -> None:
    """Product events and events, ended and pending."""
    builder, stream = _played()
    stream.sent(0, "p")
    stream.pushed(0, "e")

    assert builder.progress() == {
        "sent": 1,
        "succeeded": 0,
        "dropped": 0,
        "pending": 1,
        "events_pushed": 1,
        "events_succeeded": 0,
        "events_dropped": 0,
        "events_expired": 0,
        "events_cancelled": 0,
        "events_pending": 1,
    }


def test_the_summary_is_one_json_object() -> None:
    """`type` says what it is, and it reads back as it was."""
    builder, stream = _played()
    for _ in add_burst(stream, issues=40):
        pass
    summary = builder.summary(now=stream.records[-1].at, usage=usage())
    text = msgspec.json.encode(summary)

    assert msgspec.json.decode(text)["type"] == "summary"
    assert msgspec.json.decode(text, type=Summary) == summary


def test_usage_stands_beside_its_limit() -> None:
    """Peak, mean and limit of each resource come from the engine unchanged."""
    given = LimitUsage("limits.kvs.write_units_per_minute", "w", 1, 4_000, "u", 2, 9, 3)

    assert SummaryBuilder().summary(now=0, usage=[given]).limits == [given]
