"""What became of calls that were answered with 429."""

from __future__ import annotations

from msgspec import UNSET

from forge_emu.records import InvocationFinished, RequestAnswered
from forge_emu.report.collectors.refused_calls import RefusedCallsCollector
from tests.timeline.stream import Stream

LIMIT = "limits.jira.put_per_second"


def answer(stream: Stream, at: int, status: int, invocation: str = "i1") -> None:
    """A call of an invocation, refused for two seconds or not."""
    refused = status == 429
    stream.record(at, RequestAnswered(
        service="fpp/app/jira", method="PUT", path="/rest/api/3/issue/EMU-1", status=status,
        account="a", invocation_id=invocation, limit=LIMIT if refused else UNSET,
        retry_after_ms=2_000 if refused else UNSET, place="src/index.js:4",
    ))  # fmt: skip


def finish(stream: Stream, at: int, outcome: str, invocation: str = "i1") -> None:
    """The end of an invocation."""
    stream.record(at, InvocationFinished(
        invocation_id=invocation, function="f", outcome=outcome, duration_ms=at,
    ))  # fmt: skip


def collected() -> tuple[RefusedCallsCollector, Stream]:
    """A collector, and what gives it records."""
    collector = RefusedCallsCollector()
    return collector, Stream(collector.add_record)


def test_a_call_that_comes_again_too_early_is_counted() -> None:
    """One that waits as told is not."""
    collector, stream = collected()
    answer(stream, 0, 429)
    answer(stream, 1_999, 429)
    answer(stream, 3_999, 429)
    answer(stream, 6_000, 204)
    finish(stream, 6_000, "success")

    assert collector.too_early == {LIMIT: 1}
    assert collector.left_undone == {}
    assert collector.longest_wait == {LIMIT: 2_000}
    assert collector.places[LIMIT] == {"src/index.js:4": 3}


def test_a_success_without_the_call_is_counted() -> None:
    """Where the handler asks for a retry, nothing is left undone."""
    collector, stream = collected()
    for id, outcome in (("i1", "success"), ("i2", "retry_requested"), ("i3", "error")):
        answer(stream, 0, 429, id)
        finish(stream, 1, outcome, id)

    assert collector.left_undone == {LIMIT: 1}
