"""A paused queue holds what is due, and nothing else."""

from __future__ import annotations

from forge_emu import records as r
from forge_emu.model import PushItem
from tests.engine.world import World


def test_a_paused_queue_holds_its_due_events_and_no_others() -> None:
    """Product events and other queues are delivered; resuming delivers what was held."""
    world = World()
    assert world.engine.queue_admin.pause_queue("work", 0)
    assert not world.engine.queue_admin.pause_queue("work", 0)
    world.push(PushItem(1), PushItem(2, 60))
    world.send_product_event(1)
    world.advance_to(10_000)
    assert world.end_invocation().module == "trigger"
    assert not world.started
    assert world.engine.queue_admin.resume_queue("work", world.now)
    world.advance_to(world.now)
    assert len(world.started) == 1
    world.advance_to(60_000)
    assert len(world.started) == 2
    acts = [(a.action, a.queue, a.events) for a in world.bodies_of(r.ActedByHand)]
    assert acts == [("pause", "work", 0), ("resume", "work", 1)]
    assert not world.engine.queue_admin.resume_queue("work", world.now)


def test_an_event_cancelled_while_its_queue_is_paused_stays_cancelled() -> None:
    """Resuming does not bring it back."""
    world = World()
    world.engine.queue_admin.pause_queue("work", 0)
    world.push(PushItem(1))
    world.advance_to(0)
    (event,) = world.bodies_of(r.EventPushed)
    assert world.engine.queue_admin.cancel_events([event.event_id], 0) == 1
    world.engine.queue_admin.resume_queue("work", 0)
    world.advance_to(0)
    assert not world.started
    assert world.engine.pending == 0


def test_an_event_held_past_its_window_is_dropped_when_its_queue_goes_on() -> None:
    """Pausing does not extend the retention window."""
    world = World(async_events__retention_hours=1)
    world.engine.queue_admin.pause_queue("work", 0)
    world.push(PushItem(1))
    world.advance_to(3_600_001)
    world.engine.queue_admin.resume_queue("work", world.now)
    world.advance_to(world.now)
    assert world.bodies_of(r.EventDropped)[0].reason == "retention_window"
