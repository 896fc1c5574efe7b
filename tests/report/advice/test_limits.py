"""The rules about limits: when each speaks, and when it is silent."""

from __future__ import annotations

import pytest

from forge_emu.model import LimitUsage
from forge_emu.records import KvsRefused
from tests.report.advice.runs import WRITES, advice_of
from tests.timeline.stream import Stream


def _refusals(stream: Stream, n: int, limit: str = WRITES) -> None:
    for at in range(n):
        stream.record(
            at,
            KvsRefused(
                operation="set", key="k", code="X", status=429, limit=limit, invocation_id=None
            ),
        )


@pytest.mark.parametrize(("hits", "speaks"), [(10, False), (11, True)])
def test_rate_limits_of_the_store_speak_when_hit_often(hits: int, speaks: bool) -> None:
    """More than ten refusals are a finding, with the peak beside the limit."""
    usage = [LimitUsage(WRITES, "writes", 0, 4_000, "units/min", hits, 4_000, 900)]
    found = advice_of(lambda stream: _refusals(stream, hits), usage)

    assert ("kvs_rate" in found) is speaks
    if speaks:
        assert "Peak 4,000, mean 900 of 4,000 units/min" in found["kvs_rate"].message


def test_a_value_that_is_too_large_speaks_at_once() -> None:
    """No retry mends it."""
    found = advice_of(lambda stream: _refusals(stream, 1, "limits.kvs.value_kb"))

    assert "refused again" in found["kvs_rejected"].message


def test_refused_pushes_of_single_events_ask_for_batches() -> None:
    """Most were single events: a push takes fifty."""

    def play(stream: Stream) -> None:
        for at in range(4):
            stream.push_refused(at)

    found = advice_of(play)

    assert "up to 50" in found["push_rate"].message
    detail = found["push_rate"].detail
    assert (detail["pushes"], detail["events"], detail["single_event_pushes"]) == (4, 4, 4)
    assert "1 call instead of 4" in found["push_rate"].message
    assert "the minute counts events, not pushes" in found["push_rate"].message


def test_refused_pushes_of_many_events_do_not() -> None:
    """They are batched already."""
    found = advice_of(lambda stream: stream.push_refused(0, events=40))

    assert "up to 50" not in found["push_rate"].message


def test_keys_that_fail_in_batches_speak() -> None:
    """A batch answers 200 all the same, so an app that looks at nothing loses them."""

    def play(stream: Stream) -> None:
        for limit in ("limits.kvs.value_kb", "limits.kvs.value_kb", "kvs.key"):
            stream.record(
                0,
                KvsRefused(
                    operation="batch_set",
                    key="k",
                    code="X",
                    status=400,
                    limit=limit,
                    invocation_id=None,
                    of_batch=True,
                ),
            )

    found = advice_of(play)

    assert set(found) == {"failed_keys"}
    assert found["failed_keys"].detail == {"keys": {"limits.kvs.value_kb": 2, "kvs.key": 1}}
    assert "3 keys of batches failed" in found["failed_keys"].message
    assert "`failedKeys`" in found["failed_keys"].message
