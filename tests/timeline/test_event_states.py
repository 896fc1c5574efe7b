"""Every event is counted in exactly one state, after every record of any stream."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from forge_emu.records import (
    EventCancelled,
    EventDropped,
    EventPushed,
    EventSucceeded,
    InvocationFinished,
    InvocationStarted,
    ProductEventDropped,
    ProductEventSent,
    ProductEventSucceeded,
    Record,
    RetryScheduled,
)
from forge_emu.timeline.event_states import EventStates
from tests.timeline.stream import Stream

IDS = st.sampled_from(["a", "b", "c"])
QUEUES = st.sampled_from(["q", "r"])
PRODUCTS = st.sampled_from(["p1", "p2"])


def _started(event: str | None, product: str | None, key: str) -> InvocationStarted:
    ids: dict[str, Any] = {"event_id": event} if event else {"product_event_id": product or ""}
    return InvocationStarted(
        invocation_id="i",
        function="f",
        module="m",
        module_key=key,
        attempt=1,
        instance="w",
        cold_start=False,
        **ids,
    )


def _finished(event: str | None, product: str | None) -> InvocationFinished:
    ids: dict[str, Any] = {"event_id": event} if event else {"product_event_id": product}
    return InvocationFinished(
        invocation_id="i", function="f", outcome="error", duration_ms=1, **ids
    )


def _retry(event: str | None, product: str | None) -> RetryScheduled:
    ids: dict[str, Any] = (
        {"event_id": event} if event else {"product_event_id": product, "trigger": "t"}
    )
    return RetryScheduled(
        retry_count=1, retry_reason="R", retry_after_ms=1, due_at=1, asked_by="app", **ids
    )


BODIES = st.one_of(
    st.builds(
        EventPushed,
        event_id=IDS,
        queue=QUEUES,
        job_id=st.just("j"),
        due_at=st.just(0),
        size_bytes=st.just(1),
        invocation_id=st.just("i"),
    ),
    st.builds(_started, IDS, st.none(), st.just("k")),
    st.builds(_started, st.none(), PRODUCTS, st.sampled_from(["t", "u"])),
    st.builds(_finished, IDS, st.none()),
    st.builds(_finished, st.none(), PRODUCTS),
    st.builds(_retry, IDS, st.none()),
    st.builds(_retry, st.none(), PRODUCTS),
    *(
        st.builds(kind, event_id=IDS, queue=QUEUES, attempts=st.just(1), age_ms=st.just(1))
        for kind in (EventSucceeded, EventCancelled)
    ),
    st.builds(
        EventDropped,
        event_id=IDS,
        queue=QUEUES,
        attempts=st.just(1),
        age_ms=st.just(1),
        reason=st.just("max_retries"),
    ),
    st.builds(
        ProductEventSent, product_event_id=PRODUCTS, name=st.just("n"), size_bytes=st.just(1)
    ),
    st.builds(
        ProductEventSucceeded, product_event_id=PRODUCTS, attempts=st.just(1), age_ms=st.just(1)
    ),
    st.builds(
        ProductEventDropped,
        product_event_id=PRODUCTS,
        attempts=st.just(1),
        age_ms=st.just(1),
        reason=st.just("max_retries"),
    ),
)


@given(st.lists(BODIES, max_size=60))
@settings(deadline=None)
def test_the_books_balance_after_every_record(bodies: list[object]) -> None:
    """Pushed = succeeded + dropped + expired + cancelled + pending, in whatever order."""
    states = EventStates()
    for seq, body in enumerate(bodies, 1):
        states.add_record(Record(seq, seq, "", body))  # type: ignore[arg-type]

        for counts in (*states.queues.values(), states.total):
            ended = counts.succeeded + counts.dropped + counts.expired + counts.cancelled
            assert counts.pushed == ended + counts.pending
            assert min(counts.scheduled, counts.running, counts.waiting) >= 0
        assert states.total.pending == len(states.events)
        products = states.products
        assert products.sent == products.succeeded + products.dropped + products.pending
        assert min(products.queued, products.running, products.waiting) >= 0
        assert products.pending == len(states.product_events)


def test_an_event_moves_through_its_states() -> None:
    """Scheduled, running, waiting, running, succeeded: one at a time."""
    states = EventStates()
    stream = Stream(states.add_record)
    seen = []

    def look() -> None:
        counts = states.queues["snapshots"]
        names = ("scheduled", "running", "waiting", "succeeded")
        seen.append(next(n for n in names if getattr(counts, n)))

    stream.pushed(0, "e")
    look()
    invocation = stream.started(500, "e")
    look()
    stream.finished(520, invocation, "e", "retry_requested")
    stream.retry(520, "e", 5_000)
    look()
    stream.succeeded(5_000, "e")
    look()

    assert seen == ["scheduled", "running", "waiting", "succeeded"]


def test_a_product_event_runs_while_any_of_its_triggers_does() -> None:
    """Two triggers, one of which waits for a retry: the product event is running."""
    states = EventStates()
    stream = Stream(states.add_record)
    stream.sent(0, "p")
    one = stream.triggered(0, "p", key="one")
    stream.triggered(0, "p", key="two")
    stream.returned(10, one, "p", "error")

    assert (states.products.running, states.products.waiting) == (1, 0)


def test_records_of_unknown_events_change_nothing() -> None:
    """A stream read from its middle counts only what it has seen pushed."""
    states = EventStates()
    stream = Stream(states.add_record)
    stream.record(0, EventSucceeded(event_id="x", queue="q", attempts=1, age_ms=1))
    stream.product_succeeded(0, "p")

    assert states.total.pushed == 0
    assert states.total.succeeded == 0
    assert states.products.succeeded == 0
