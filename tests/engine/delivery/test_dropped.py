"""The last dropped deliveries are retained, and the oldest are evicted."""

from __future__ import annotations

import pytest

from forge_emu.engine.delivery.delivery import Delivery
from forge_emu.engine.delivery.dropped import DroppedDeliveries
from forge_emu.engine.dirty import DirtySet
from tests.engine.world import World, dropped_event, queued_event


def test_dropped_events_are_kept_up_to_a_number() -> None:
    """The oldest are forgotten, and counted."""
    world = World(async_events__max_retries=0, delivery__dropped_kept=2)
    ids = [dropped_event(world) for _ in range(3)]
    kept = world.engine.queue_admin.dropped
    assert [d.delivery.id for d in kept] == ids[1:]
    assert (len(kept), kept.evicted_count, kept.capacity) == (2, 1, 2)
    assert kept.pop(ids[0]) is None


def three(capacity: int) -> tuple[DroppedDeliveries, DirtySet[Delivery]]:
    """Three dropped events, a, b and c, and what has changed since."""
    dirty: DirtySet[Delivery] = DirtySet()
    dirty.enabled = True
    dropped = DroppedDeliveries(capacity, dirty)
    for at, id in enumerate("abc"):
        dropped.add(queued_event(id), f"why {id}", at)
    return dropped, dirty


@pytest.mark.parametrize(("capacity", "retained"), [(0, ""), (2, "bc"), (3, "abc"), (4, "abc")])
def test_no_more_than_the_capacity_is_retained(capacity: int, retained: str) -> None:
    """What is evicted has to be removed from the state."""
    dropped, dirty = three(capacity)
    assert [each.delivery.id for each in dropped] == list(retained)
    assert dropped.evicted_count == 3 - len(retained)
    assert [delivery.id for delivery in dirty.drain()] == list("abc"[: dropped.evicted_count])


def test_what_is_taken_out_is_gone() -> None:
    """From the state as well; an id that is not here is answered with nothing."""
    dropped, dirty = three(3)
    taken = dropped.pop("b")
    assert taken is not None
    assert dirty.drain() == [taken]
    assert dropped.pop("b") is None
    assert [each.delivery.id for each in dropped] == ["a", "c"]
    assert dirty.drain() == []


def test_a_delivery_is_found_by_itself_not_by_its_id() -> None:
    """Another one may bear the same id."""
    dropped, _ = three(3)
    (first, *_) = dropped
    assert dropped.find(first.delivery) is first
    assert (first.reason, first.at) == ("why a", 0)
    assert dropped.find(queued_event("a")) is None
