"""One readable line per record, safe to print whatever an app logs."""

from __future__ import annotations

import msgspec
import pytest

from forge_emu import records
from forge_emu.console.lines import LineFormatter, record_line
from forge_emu.errors import Problem
from forge_emu.model import ErrorReport, Unanswered, UnansweredCall
from forge_emu.records import (
    ActedByHand,
    AnyBody,
    AppEventPublished,
    AppRejected,
    AppReloaded,
    CallFailed,
    CallReceived,
    CallSucceeded,
    ControlRefused,
    EmulatorRestarted,
    EventCancelled,
    EventDeferred,
    FaultInjected,
    KvsDone,
    KvsRefused,
    Log,
    ProductEventFiltered,
    RequestAnswered,
    RequestEnded,
    RequestLost,
    RequestMocked,
    RequestRefused,
    RequestSent,
    RequestUnsupported,
    RetryScheduled,
    ScheduleByHand,
    ScheduleSkipped,
)
from tests.console.golden import check_golden
from tests.timeline.stream import Stream

EVENT = "1f0e2d3c-0000-4000-8000-000000000001"
FAILURE = ErrorReport(
    "TypeError", "x is not\na function", "TypeError: x\n    at store (src/i.js:3:5)"
)
UNANSWERED = Unanswered(
    7,
    [
        UnansweredCall("queue.push", "work", 4, "src/index.js:7"),
        UnansweredCall("kvs.set", "seen\nkey", 1),
        UnansweredCall("job.getStats", "", 1),
        UnansweredCall("kvs.get", "k", 1),
    ],
)


def record_everything(stream: Stream) -> None:
    """Every type of record once at least."""
    stream.loaded(url="http://127.0.0.1:4000")
    stream.sent(1_000, "p1", subject="EMU-1")
    by = stream.triggered(1_001, "p1")
    stream.push_refused(1_002, events=51, by=by)
    stream.pushed(1_003, EVENT, by=by)
    stream.returned(1_004, by, "p1")
    stream.product_succeeded(1_004, "p1")
    invocation = stream.started(1_503, EVENT)
    for body in (
        KvsDone(operation="set", key="snapshot-1", bytes=24_000, units=3, invocation_id=invocation),
        KvsRefused(
            operation="set",
            key="snapshot-1",
            code="RATE_LIMIT_EXCEEDED",
            status=429,
            limit="limits.kvs.write_units_per_minute",
            invocation_id=invocation,
        ),
        KvsDone(
            operation="query",
            key="snap",
            bytes=500,
            units=1,
            invocation_id=invocation,
            keys=["snapshot-1", "snapshot-2"],
        ),
        KvsDone(
            operation="batch_set",
            key="snapshot-1 and 24 more",
            bytes=50_000,
            units=5,
            invocation_id=invocation,
            keys=["snapshot-1"],
        ),
        KvsRefused(
            operation="batch_set",
            key="snapshot/2",
            code="INVALID_KEY",
            status=400,
            limit="kvs.key",
            invocation_id=invocation,
            of_batch=True,
        ),
        Log(level="info", message="storing EMU-1", invocation_id=invocation),
        Log(level="warn", message="two\nlines", invocation_id=invocation),
        Log(level="error", message="\x1b[31mred\x1b[0m", invocation_id=invocation),
        Log(level="debug", message="the emulator's own"),
        RequestAnswered(
            service="fpp/app/jira",
            method="PUT",
            path="/rest/api/3/issue/EMU-1",
            status=204,
            account="712020:1",
            invocation_id=invocation,
            events=["avi:jira:updated:issue"],
            place="src/index.js:7",
        ),
        RequestAnswered(
            service="fpp/app/jira",
            method="GET",
            path="/rest/api/3/myself",
            status=429,
            account="712020:1",
            invocation_id=invocation,
            limit="limits.jira.points_per_hour",
        ),
        RequestMocked(
            service="fpp/app/jira",
            method="GET",
            path="/rest/api/3/issue/EMU-1",
            status=200,
            mock="forge-emu.yml:4",
            invocation_id=invocation,
        ),
        RequestMocked(
            service="egress",
            method="POST",
            path="/v1/chat",
            status=503,
            mock="forge-emu.yml:9",
            invocation_id=invocation,
            host="https://api.example.com",
        ),
        RequestSent(
            method="GET",
            host="https://api.example.com",
            path="/v1/models",
            invocation_id=invocation,
        ),
        RequestEnded(
            method="GET",
            host="https://api.example.com",
            path="/v1/models",
            status=200,
            duration_ms=340,
            error=None,
            invocation_id=invocation,
        ),
        RequestEnded(
            method="GET",
            host="https://nobody.example.com",
            path="/",
            status=None,
            duration_ms=20,
            error="no such host",
            invocation_id=invocation,
        ),
        RequestRefused(
            service="egress",
            method="POST",
            host="https://api.example.com",
            path="/v1/chat",
            status=None,
            limit="egress.held_back",
            message="POST https://api.example.com/v1/chat was held back",
            mock=None,
            invocation_id=invocation,
        ),
        RequestUnsupported(
            service="jira",
            method="GET",
            path="/rest/api/3/issue",
            message="not emulated yet",
            invocation_id=invocation,
        ),
        AppEventPublished(
            key="paid",
            name="avi:cloud:ecosystem::event/1/paid",
            recipients=[],
            heard=False,
            invocation_id=invocation,
        ),
        RequestLost(
            call="kvs.set",
            target="seen\nkey",
            place="src/index.js:9",
            invocation_id=invocation,
        ),
    ):
        stream.record(1_510, body)
    stream.finished(1_520, invocation, EVENT, "retry_requested", unanswered=UNANSWERED)
    stream.retry(1_520, EVENT, 901_520, clamped=1_200_000)
    stream.failed(901_520, EVENT, outcome="error", error=FAILURE)
    stream.retry(901_540, EVENT, 906_540, count=2, by="platform")
    deferred = EventDeferred(
        limit="concurrency:site", due_at=908_000, event_id=EVENT, queue="snapshots"
    )
    stream.record(906_540, deferred)
    for outcome in ("timeout", "out_of_memory", "platform_error"):
        stream.failed(908_000, EVENT, outcome=outcome, error=ErrorReport("E", outcome))
    stream.succeeded(4_000_000, EVENT)
    stream.pushed(4_000_000, "e2", queue="nowhere")
    stream.dropped(4_000_500, "e2", "no_consumer")
    stream.pushed(4_000_500, "e3")
    cancelled = EventCancelled(event_id="e3", queue="snapshots", attempts=0, age_ms=0)
    stream.record(4_000_500, cancelled)
    stream.pushed(4_000_500, "e4")
    stream.expired(349_600_500, "e4")
    stream.sent(4_001_000, "p2", subject="EMU-2")
    filtered = ProductEventFiltered(
        product_event_id="p2", trigger="on-created", reason="ignore_self"
    )
    stream.record(4_001_000, filtered)
    stream.product_dropped(4_001_000, "p2", "filtered")
    stream.sent(4_002_000, "p3")
    stream.returned(4_002_010, stream.triggered(4_002_000, "p3"), "p3", "error", FAILURE)
    again = RetryScheduled(
        retry_count=1,
        retry_reason="FUNCTION_PLATFORM_UNKNOWN_ERROR",
        retry_after_ms=5_000,
        due_at=4_007_010,
        asked_by="platform",
        product_event_id="p3",
        trigger="on-created",
    )
    stream.record(4_002_010, again)
    stream.product_dropped(4_100_000, "p3", "max_retries", attempts=5)
    fault = FaultInjected(fault="kvs.error", rule="kvs.error=5%", invocation_id=None)
    stream.record(4_100_000, fault)
    problem = Problem("src/index.js", 3, 5, "Unexpected token", rule="syntax")
    stream.record(4_100_000, AppRejected(app_id="sample", problems=[problem, problem]))
    reloaded = AppReloaded(
        app_id="sample", functions=["f"], consumers={}, triggers={}, generation=2
    )
    stream.record(4_101_000, reloaded)
    restarted = EmulatorRestarted(
        previous_end=4_101_000, clean=False, away_ms=90_000, pending=12, overdue=3, interrupted=1
    )
    stream.record(4_191_000, restarted)
    stream.record(4_102_000, ActedByHand(action="pause", queue="snapshots", events=0))
    stream.record(4_102_000, ActedByHand(action="resume", queue=None, events=0))
    stream.record(4_103_000, ActedByHand(action="run_now", queue=None, events=2))
    refusal = ControlRefused(
        method="GET", path="/v1/\x1b[2J", status=403, reason="a web page", unrecorded=1_200
    )
    stream.record(4_104_000, refusal)
    by_hand = CallReceived(
        call_id="c2", module="scheduled_trigger", module_key="hourly", function="sync"
    )
    by_time = msgspec.structs.replace(by_hand, call_id="c1", due_at=4_200_000)
    stream.record(4_200_000, by_time)
    stream.record(4_200_700, CallSucceeded(call_id="c1", age_ms=700))
    stream.record(4_201_000, by_hand)
    stream.record(4_202_000, CallFailed(call_id="c2", age_ms=1_000, reason="error"))
    for reason, runs in (("missed", 3), ("waiting", 1), ("running", 1), ("paused", 1)):
        skipped = ScheduleSkipped(module_key="hourly", due_at=1, runs=runs, reason=reason)
        stream.record(4_203_000, skipped)
    for action in ("pause", "resume"):
        stream.record(4_203_000, ScheduleByHand(action=action, module_key="hourly"))


def _lines(wide: bool) -> list[str]:
    stream = Stream()
    record_everything(stream)
    writer = LineFormatter(wide=wide)
    return [writer.format_record(record).plain for record in stream.records]


@pytest.mark.parametrize("wide", [True, False], ids=["wide", "narrow"])
def test_every_record_as_a_line(wide: bool) -> None:
    """The whole vocabulary, as the golden file shows it."""
    check_golden(f"lines-{'wide' if wide else 'narrow'}", "\n".join(_lines(wide)) + "\n")


def test_every_type_of_record_has_a_line() -> None:
    """A type that is added to the records and forgotten here would break `tail`."""
    stream = Stream()
    record_everything(stream)

    types = {type(record.body) for record in stream.records}
    assert types == set(AnyBody.__args__)


def test_a_record_stays_one_line() -> None:
    """Whatever is in it."""
    assert not [text for text in _lines(True) if "\n" in text or "\x1b" in text]


def test_lines_say_whom_a_record_concerns() -> None:
    """A call of the store names neither event nor queue; its line does."""
    stream = Stream()
    record_everything(stream)
    record = next(r for r in stream.records if isinstance(r.body, KvsDone))
    writer = LineFormatter()
    for before in stream.records[: record.seq - 1]:
        writer.add_record(before)

    assert "1f0e2d3c EMU-1 snapshots" in writer.format_record(record).plain


def test_a_line_needs_no_past() -> None:
    """A tail that begins in the middle still says what it can, from the JSON form too."""
    stream = Stream()
    record_everything(stream)
    for record in stream.records:
        again = records.decode_record(records.encode_record(record))

        assert record_line(again).plain == record_line(record).plain


def test_fields_of_a_newer_emulator_are_ignored() -> None:
    """A tail of another version shows what it knows."""
    stream = Stream()
    stream.pushed(0, "e")
    fields = {**msgspec.json.decode(records.encode_record(stream.records[0])), "colour": "blue"}

    assert "pushed" in record_line(records.decode_record(msgspec.json.encode(fields))).plain
