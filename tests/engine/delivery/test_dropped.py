"""The last dropped deliveries are retained, and the oldest are evicted."""

from __future__ import annotations

from tests.engine.world import World, dropped_event


def test_dropped_events_are_kept_up_to_a_number() -> None:
    """The oldest are forgotten, and counted."""
    world = World(async_events__max_retries=0, delivery__dropped_kept=2)
    ids = [dropped_event(world) for _ in range(3)]
    kept = world.engine.queue_admin.dropped
    assert [d.delivery.id for d in kept] == ids[1:]
    assert (len(kept), kept.evicted_count, kept.capacity) == (2, 1, 2)
    assert kept.pop(ids[0]) is None
