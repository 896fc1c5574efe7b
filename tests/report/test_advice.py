"""Each rule of the advice: when it speaks, and when it is silent."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from forge_emu.errors import Problem
from forge_emu.model import ErrorReport, LimitUsage
from forge_emu.records import KvsRefused, Log, RequestUnsupported
from forge_emu.report import SummaryBuilder
from forge_emu.report.summary import Advice
from tests.timeline.stream import BOOM, Stream

WRITES = "limits.kvs.write_units_per_minute"


def _advice(
    play: Callable[[Stream], object], usage: list[LimitUsage] | None = None
) -> dict[str, Advice]:
    builder = SummaryBuilder()
    play(Stream(builder.add_record))
    return {a.rule: a for a in builder.summary(now=600_000, usage=usage or []).advice}


def _refusals(stream: Stream, n: int, limit: str = WRITES) -> None:
    for at in range(n):
        stream.record(
            at,
            KvsRefused(
                operation="set", key="k", code="X", status=429, limit=limit, invocation_id=None
            ),
        )


def _retries(stream: Stream, dues: list[int], clamped: int | None = None) -> None:
    for n, due in enumerate(dues):
        stream.pushed(0, f"e{n}")
        stream.failed(500, f"e{n}")
        stream.retry(520, f"e{n}", due, clamped=clamped)


def test_drops_after_the_last_retry_name_the_setting() -> None:
    """The documentation disagrees with itself; the setting shows the other reading."""

    def play(stream: Stream) -> None:
        stream.pushed(0, "e")
        stream.dropped(90_000, "e")

    found = _advice(play)["dropped_max_retries"]
    assert "--set async_events.max_retries=none" in found.message
    assert found.detail == {"events": 1, "longest_age_ms": 90_000}


@pytest.mark.parametrize(("hits", "speaks"), [(10, False), (11, True)])
def test_rate_limits_of_the_store_speak_when_hit_often(hits: int, speaks: bool) -> None:
    """More than ten refusals are a finding, with the peak beside the limit."""
    usage = [LimitUsage(WRITES, "writes", 0, 4_000, "units/min", hits, 4_000, 900)]
    found = _advice(lambda stream: _refusals(stream, hits), usage)

    assert ("kvs_rate" in found) is speaks
    if speaks:
        assert "Peak 4,000, mean 900 of 4,000 units/min" in found["kvs_rate"].message


def test_a_value_that_is_too_large_speaks_at_once() -> None:
    """No retry mends it."""
    found = _advice(lambda stream: _refusals(stream, 1, "limits.kvs.value_kb"))

    assert "refused again" in found["kvs_rejected"].message


def test_refused_pushes_of_single_events_ask_for_batches() -> None:
    """Most were single events: a push takes fifty."""

    def play(stream: Stream) -> None:
        for at in range(4):
            stream.push_refused(at)

    found = _advice(play)

    assert "up to 50" in found["push_rate"].message
    detail = found["push_rate"].detail
    assert (detail["pushes"], detail["events"], detail["single_event_pushes"]) == (4, 4, 4)
    assert "1 call instead of 4" in found["push_rate"].message
    assert "the minute counts events, not pushes" in found["push_rate"].message


def test_refused_pushes_of_many_events_do_not() -> None:
    """They are batched already."""
    found = _advice(lambda stream: stream.push_refused(0, events=40))

    assert "up to 50" not in found["push_rate"].message


@pytest.mark.parametrize(
    ("due", "asked", "rule"),
    [
        (1_520, 200, "retry_after_raised"),
        (900_520, 1_280_000, "retry_after_lowered"),
        (5_520, None, None),
    ],
)
def test_waits_moved_into_bounds_speak(due: int, asked: int | None, rule: str | None) -> None:
    """Below the least and above the most are two findings."""
    found = set(_advice(lambda stream: _retries(stream, [due], asked)))

    assert found & {"retry_after_raised", "retry_after_lowered"} == ({rule} if rule else set())


@pytest.mark.parametrize(
    ("dues", "speaks"),
    [
        ([60_000] * 10 + list(range(70_000, 170_000, 10_000)), True),
        ([60_000] * 9 + list(range(70_000, 180_000, 10_000)), False),
        ([60_000] * 19, False),
        ([60_000] * 10 + [61_999] * 10, True),
    ],
)
def test_retries_that_fall_due_together_are_a_wave(dues: list[int], speaks: bool) -> None:
    """From twenty retries on, half of them within two seconds."""
    found = _advice(lambda stream: _retries(stream, dues))

    assert ("retry_wave" in found) is speaks
    if speaks:
        together = found["retry_wave"].detail["together"]
        assert found["retry_wave"].detail["share_of_events"] == together / len(dues)
        assert f"{100 * together / len(dues):.0f} % of all events" in found["retry_wave"].message


@pytest.mark.parametrize(
    ("alike", "others", "speaks"), [(9, 1, True), (8, 2, False), (4, 0, False)]
)
def test_one_error_behind_nearly_all_failures_speaks(alike: int, others: int, speaks: bool) -> None:
    """Nine in ten, of at least five."""

    def play(stream: Stream) -> None:
        stream.pushed(0, "e")
        for n in range(alike + others):
            error = BOOM if n < alike else ErrorReport("Other", "abcdefghij"[n])
            stream.failed(n, "e", outcome="error", error=error)

    assert ("same_error" in _advice(play)) is speaks


def test_the_removed_storage_export_is_recognised_even_when_it_was_caught() -> None:
    """An app that logs the TypeError and asks for a retry never fails, and never stores."""
    text = (
        "TypeError: Cannot read properties of undefined (reading 'set')\n    at store (src/i.js:3)"
    )
    found = _advice(lambda stream: stream.record(0, Log(level="error", message=text)))

    assert "`@forge/kvs`" in found["storage_undefined"].message


def test_product_events_nobody_listens_to_speak() -> None:
    """By the event's name."""

    def play(stream: Stream) -> None:
        stream.sent(0, "p", name="avi:jira:updated:issue")
        stream.product_dropped(0, "p", "no_trigger")

    assert "`avi:jira:updated:issue`" in _advice(play)["no_trigger"].message


def test_a_queue_without_a_consumer_speaks() -> None:
    """By the queue's name."""

    def play(stream: Stream) -> None:
        stream.pushed(0, "e", queue="nowhere")
        stream.dropped(500, "e", "no_consumer")

    assert "queue `nowhere`" in _advice(play)["no_consumer"].message


def test_calls_of_what_is_not_emulated_speak() -> None:
    """With method and path."""
    call = RequestUnsupported(
        service="jira", method="PUT", path="/x", message="not yet", invocation_id=None
    )

    assert "`PUT /x`" in _advice(lambda stream: stream.record(0, call))["unsupported"].message


def test_the_removed_storage_import_is_repeated_with_place_and_fix() -> None:
    """File and line, and what to do; other findings of the build are not repeated."""
    removed = Problem(
        "src/index.js", 3, 10, "`storage` is gone", "Import `kvs`.", "warning", "storage-removed"
    )
    other = Problem("manifest.yml", 1, 1, "unknown event", severity="warning")
    found = _advice(lambda stream: stream.loaded(problems=[removed, other]))

    assert {rule: a.message for rule, a in found.items()} == {
        "storage_removed": "src/index.js:3:10 `storage` is gone. Import `kvs`."
    }


@pytest.mark.parametrize(
    ("level", "message", "speaks"),
    [
        ("warn", "Log truncated: over 100 lines", True),
        ("info", "Log truncated: over 100 lines", False),
        ("warn", "the catalogue was truncated", False),
    ],
)
def test_truncated_logs_speak(level: str, message: str, speaks: bool) -> None:
    """The runtime's own notice counts, an app's words do not."""
    found = _advice(lambda stream: stream.record(0, Log(level=level, message=message)))

    assert ("logs_truncated" in found) is speaks


def test_a_good_run_has_no_advice() -> None:
    """Silence is the best finding."""

    def play(stream: Stream) -> None:
        stream.loaded()
        stream.sent(0, "p")
        stream.pushed(1, "e", by=stream.triggered(0, "p"))
        stream.product_succeeded(5, "p")
        stream.succeeded(500, "e")

    assert _advice(play) == {}
