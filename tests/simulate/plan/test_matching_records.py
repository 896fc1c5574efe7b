"""The records that are shown of a condition that held: the first that made it hold."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from forge_emu.records import (
    AnyBody,
    CallFailed,
    CallReceived,
    EventDropped,
    EventExpired,
    EventPushed,
    EventSucceeded,
    KvsRefused,
    ProductEventDropped,
    Record,
)
from forge_emu.simulate.plan.conditions import parse_condition
from forge_emu.simulate.plan.matching_records import MAX_RECORDS, MatchingRecords


def pushed(id: str) -> EventPushed:
    """An event was pushed."""
    return EventPushed(
        event_id=id, job_id="j", queue="q", due_at=0, size_bytes=1, invocation_id="i"
    )


def succeeded(id: str, *, age_ms: int = 1, attempts: int = 1) -> EventSucceeded:
    """It succeeded."""
    return EventSucceeded(event_id=id, queue="q", attempts=attempts, age_ms=age_ms)


def dropped(id: str, reason: str = "max_retries") -> EventDropped:
    """It was dropped."""
    return EventDropped(event_id=id, queue="q", reason=reason, attempts=1, age_ms=1)


def product_event_dropped(id: str, reason: str) -> ProductEventDropped:
    """A product event was dropped."""
    return ProductEventDropped(product_event_id=id, reason=reason, age_ms=1, attempts=1)


def refused(key: str, **fields: Any) -> KvsRefused:
    """A call of the store was refused."""
    return KvsRefused(
        operation="set", key=key, code="CODE", status=429, invocation_id="i", **fields
    )


STREAM: list[AnyBody] = [
    pushed("a"),
    pushed("b"),
    pushed("c"),
    pushed("d"),
    refused("k", limit="limits.kvs.value_kb"),
    refused("k2", limit="limits.kvs.value_kb", of_batch=True),
    succeeded("a", age_ms=300_000, attempts=3),
    succeeded("b", age_ms=300_001, attempts=4),
    dropped("c"),
    product_event_dropped("p", "no_trigger"),
    product_event_dropped("p2", "max_retries"),
]
EXPIRED = EventExpired(event_id="a", queue="q", attempts=1, age_ms=1)


def shown(condition: str, stream: Sequence[AnyBody] | None = None) -> list[int]:
    """The numbers of the records that are shown of a condition."""
    parsed = parse_condition(condition)
    records = MatchingRecords([parsed])
    for number, body in enumerate(STREAM if stream is None else stream):
        records.add_record(Record(number, 0, "", body))
    return [record.seq for record in records.records_for(parsed)]


@pytest.mark.parametrize(
    ("condition", "records"),
    [
        ("dropped>0", [8, 10]),
        ("dropped.max_retries>0", [8, 10]),
        ("events.dropped>0", [8]),
        ("product_events.dropped>0", [10]),
        ("p95>5m", [7]),
        ("p95>=5m", [6, 7]),
        ("attempts.max>3", [7]),
        ("kvs.refused>0", [4]),
        ("kvs.refused_keys>0", [5]),
        ("refused.kvs.value_kb>0", [4, 5]),
        ("push.refused>0", []),
        ("attempts.max<2", []),
    ],
)
def test_records_are_those_that_a_figure_counts(condition: str, records: list[int]) -> None:
    """Beyond its bound, where it has one for each."""
    assert shown(condition) == records


@pytest.mark.parametrize("condition", ["pending>0", "events.succeeded<4"])
def test_what_has_not_ended_is_shown_where_that_is_missing(condition: str) -> None:
    """An event that was pushed and never came to an end."""
    stream = [body for body in STREAM if not isinstance(body, EventDropped | ProductEventDropped)]
    assert shown(condition, stream) == [2, 3]


def test_too_few_successes_are_explained_by_losses() -> None:
    """Before what has not ended."""
    assert shown("succeeded<9") == [8, 10]


def test_the_first_few_are_enough() -> None:
    """However many there are."""
    stream: list[AnyBody] = [dropped(str(n)) for n in range(20)]
    assert shown("dropped>0", stream) == list(range(MAX_RECORDS))


@pytest.mark.parametrize(
    ("condition", "found"),
    [("calls.failed>0", [1]), ("calls>0", [0]), ("calls.succeeded<1", [1])],
)
def test_calls_have_conditions_of_their_own(condition: str, found: list[int]) -> None:
    """A call that failed is shown, also where too few succeeded."""
    received = CallReceived(call_id="a", module="function", module_key="f", function="f")
    failed = CallFailed(call_id="a", age_ms=1, reason="error")
    assert shown(condition, [received, failed, dropped("b")]) == found


@pytest.mark.parametrize(
    ("condition", "found"),
    [("expired>0", [1]), ("dropped>0", []), ("succeeded<1", [1]), ("pending>0", [])],
)
def test_an_expired_event_is_lost_but_not_dropped(condition: str, found: list[int]) -> None:
    """It has ended, and is shown where too little succeeded."""
    assert shown(condition, [pushed("a"), EXPIRED]) == found
