"""Counts per function, and the findings from them: when each speaks, and when it is silent."""

from __future__ import annotations

from typing import Any

import pytest

from forge_emu.model import ErrorReport
from forge_emu.records import InvocationFinished, InvocationStarted, KvsRefused, Log
from tests.report.advice.runs import WRITES, advice_of
from tests.timeline.stream import Stream


def _ran(
    stream: Stream,
    took: int,
    *,
    timeout: int = 55_000,
    outcome: str = "success",
    module: str = "consumer",
    **more: Any,
) -> None:
    """One invocation of the consumer, or for another kind of module."""
    id = f"i{len(stream.records)}"
    stream.record(
        0,
        InvocationStarted(
            invocation_id=id,
            function="store",
            module=module,
            module_key="c",
            attempt=1,
            instance="w",
            cold_start=False,
            timeout_ms=timeout,
            event_id=f"e{id}",
            queue="q",
        ),
    )
    stream.record(
        took,
        InvocationFinished(
            invocation_id=id,
            function="store",
            outcome=outcome,
            duration_ms=took,
            event_id=f"e{id}",
            **more,
        ),
    )


def _retried(stream: Stream, times: int, *, refused: bool = False, says: str | None = None) -> None:
    stream.pushed(0, "e")
    for n in range(times):
        invocation = stream.started(n * 1_000, "e")
        if refused:
            stream.record(
                n * 1_000,
                KvsRefused(
                    operation="set",
                    key="k",
                    code="X",
                    status=429,
                    limit=WRITES,
                    invocation_id=invocation,
                ),
            )
        if says:
            stream.record(n * 1_000, Log(level="error", message=says, invocation_id=invocation))
        stream.finished(n * 1_000 + 20, invocation, "e", "retry_requested")
        stream.retry(n * 1_000 + 20, "e", (n + 1) * 1_000)


@pytest.mark.parametrize(("times", "speaks"), [(4, False), (5, True), (90, True)])
def test_an_error_that_is_swallowed_and_retried_speaks(times: int, speaks: bool) -> None:
    """Five requests in a row for one event, and no limit to be seen."""
    found = advice_of(lambda stream: _retried(stream, times))

    assert ("retried_in_vain" in found) is speaks
    if speaks:
        assert found["retried_in_vain"].detail["events"] == 1
        assert "logs nothing" in found["retried_in_vain"].message


def test_a_swallowed_error_that_was_dropped_sooner_speaks_too() -> None:
    """With few retries allowed there are no five."""

    def play(stream: Stream) -> None:
        _retried(stream, 2)
        stream.dropped(9_000, "e")

    assert "retried_in_vain" in advice_of(play)


def test_retries_that_a_limit_asked_for_are_not_in_vain() -> None:
    """The handler did what the guide says."""
    assert "retried_in_vain" not in advice_of(lambda stream: _retried(stream, 9, refused=True))


def test_retries_that_came_through_in_the_end_are_not_in_vain() -> None:
    """It waited for something, and that came."""

    def play(stream: Stream) -> None:
        _retried(stream, 9)
        stream.succeeded(20_000, "e")

    assert "retried_in_vain" not in advice_of(play)


def test_what_a_swallowed_error_logs_is_quoted() -> None:
    """The first line of it."""
    found = advice_of(lambda stream: _retried(stream, 5, says="no such field"))

    assert "`no such field`" in found["retried_in_vain"].message


@pytest.mark.parametrize(
    ("took", "rules"), [(43_999, set()), (44_000, {"near_timeout"}), (54_000, {"near_timeout"})]
)
def test_a_handler_close_to_its_timeout_speaks(took: int, rules: set[str]) -> None:
    """From 80 % of the time it has."""
    assert set(advice_of(lambda stream: _ran(stream, took))) == rules


def test_a_handler_over_its_timeout_speaks() -> None:
    """With how often, and how long it may take."""
    error = ErrorReport("TimeoutError", "Function timed out.")

    def play(stream: Stream) -> None:
        _ran(stream, 20)
        _ran(stream, 55_000, outcome="timeout", error=error)

    found = advice_of(play)

    assert "1 of 2 invocations" in found["timed_out"].message
    assert "55 s" in found["timed_out"].message
    assert found["timed_out"].detail["timeout_ms"] == 55_000
    assert "near_timeout" not in found


@pytest.mark.parametrize(
    ("module", "timeout", "says"),
    [
        ("consumer", 55_000, "raise its `timeoutSeconds`"),
        ("scheduled_trigger", 300_000, "raise its `timeoutSeconds`"),
        ("consumer", 25_000, "a function of its own"),
        ("scheduled_trigger", 25_000, "a function of its own"),
        ("consumer", 900_000, "push the rest"),
        ("trigger", 25_000, "Leave the work to a queue"),
        ("web_trigger", 55_000, "Leave the work to a queue"),
    ],
)
def test_what_helps_against_a_timeout_depends_on_who_uses_the_function(
    module: str, timeout: int, says: str
) -> None:
    """A longer one helps where the platform grants it; only events are retried."""
    error = ErrorReport("TimeoutError", "Function timed out.")
    found = advice_of(
        lambda stream: _ran(
            stream, timeout, timeout=timeout, outcome="timeout", module=module, error=error
        )
    )
    assert says in found["timed_out"].message
    retried = module in {"consumer", "trigger"}
    assert ("every retry begins from the start" in found["timed_out"].message) is retried


@pytest.mark.parametrize(
    ("size", "word"), [(3_071, None), (3_072, "near"), (4_096, "near"), (4_097, "over")]
)
def test_retry_data_near_its_limit_speaks(size: int, word: str | None) -> None:
    """From three quarters of 4 KB on."""
    found = advice_of(
        lambda stream: _ran(stream, 20, outcome="retry_requested", retry_data_bytes=size)
    )

    assert ("retry_data_size" in found) is (word is not None)
    if word:
        assert f"{word} the limit of 4 KB" in found["retry_data_size"].message


def test_retry_data_that_was_refused_is_counted() -> None:
    """It made the retry an error."""
    error = ErrorReport("RetryDataTooLarge", "too large")
    found = advice_of(lambda s: _ran(s, 20, outcome="error", error=error, retry_data_bytes=5_000))

    assert "1 retry failed for it" in found["retry_data_size"].message


def test_without_a_limit_retry_data_of_any_size_is_well() -> None:
    """As under the old limits."""
    found = advice_of(
        lambda s: _ran(s, 20, outcome="retry_requested", retry_data_bytes=50_000),
        limits__push__retry_data_kb=None,
    )

    assert "retry_data_size" not in found
