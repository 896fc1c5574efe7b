"""What was ordered and not yet sent: which event comes next, and how many at once."""

from __future__ import annotations

from forge_emu.arrivals import AT_ONCE, Even, Pace
from forge_emu.emulator.pending_batches import MAX_EVENTS_AT_ONCE, EventBatch, PendingBatches
from forge_emu.model import Instant, ProductEvent
from tests.product_events import product_event


def batch(
    name: str, total: int, started_at: Instant = 0, pace: Pace = AT_ONCE
) -> EventBatch[ProductEvent]:
    """A batch whose events are called `name0`, `name1`, …"""

    def build(index: int) -> ProductEvent:
        return product_event(f"{name}{index}", "created", {}, 1, name)

    return EventBatch(name, total, started_at, pace, build)


def ids(pending: PendingBatches, now: Instant) -> list[str]:
    """The events that are due."""
    found: list[str] = []
    pending.release_due(lambda event, _: found.append(event.product_event_id), now)
    return found


def test_batches_take_turns_by_due_time() -> None:
    """Those that are due at the same instant in the order in which they were added."""
    pending = PendingBatches()
    pending.add(batch("slow", 3, pace=Even(1_000)))
    pending.add(batch("late", 1, started_at=1_000))
    pending.add(batch("early", 1))
    assert ids(pending, 2_000) == ["slow0", "early0", "slow1", "late0", "slow2"]


def test_nothing_is_sent_before_it_is_due() -> None:
    """What is left says when it is."""
    pending = PendingBatches()
    pending.add(batch("a", 2, started_at=500, pace=Even(1_000)))
    assert (ids(pending, 499), pending.next_due()) == ([], 500)
    assert (ids(pending, 500), pending.next_due()) == (["a0"], 1_500)
    assert (ids(pending, 1_500), pending.next_due()) == (["a1"], None)
    assert not pending


def test_a_burst_comes_in_parts() -> None:
    """One call gives at most so many, whichever batches they are of."""
    pending = PendingBatches()
    for name in ("a", "b"):
        pending.add(batch(name, MAX_EVENTS_AT_ONCE // 2 + 1))
    assert len(ids(pending, 0)) == MAX_EVENTS_AT_ONCE
    assert (pending.unsent, pending.next_due()) == (2, 0)
    assert ids(pending, 0) == [f"b{MAX_EVENTS_AT_ONCE // 2 - 1}", f"b{MAX_EVENTS_AT_ONCE // 2}"]


def test_what_is_forgotten_is_not_sent() -> None:
    """A run that stops sends no more."""
    pending = PendingBatches()
    pending.add(batch("a", 5))
    assert (bool(pending), pending.unsent) == (True, 5)
    pending.clear()
    assert (bool(pending), pending.unsent, ids(pending, 0)) == (False, 0, [])
