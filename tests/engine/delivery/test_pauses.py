"""A paused queue holds what is due, and nothing else."""

from __future__ import annotations

import pytest

from forge_emu import records as r
from forge_emu.engine.delivery.delivery import State
from forge_emu.engine.delivery.pauses import PausedQueues
from forge_emu.engine.delivery.queued_event import QueuedEvent
from forge_emu.engine.delivery.trigger_delivery import TriggerDelivery
from forge_emu.model import PushItem
from tests.engine.world import CREATED, World, queued_event
from tests.product_events import product_event


def test_a_paused_queue_holds_its_due_events_and_no_others() -> None:
    """Product events and other queues are delivered; resuming delivers what was held."""
    world = World()
    assert world.engine.queue_admin.pause_queue("work", 0)
    assert not world.engine.queue_admin.pause_queue("work", 0)
    world.push(PushItem.of(1), PushItem.of(2, 60))
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
    world.push(PushItem.of(1))
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
    world.push(PushItem.of(1))
    world.advance_to(3_600_001)
    world.engine.queue_admin.resume_queue("work", world.now)
    world.advance_to(world.now)
    assert world.bodies_of(r.EventDropped)[0].reason == "retention_window"


def ready_event(id: str, queue: str = "work") -> QueuedEvent:
    """An event that is due."""
    event = queued_event(id, queue=queue)
    event.become(State.READY)
    return event


def test_only_what_is_due_in_a_paused_queue_is_held() -> None:
    """A product event belongs to no queue."""
    pauses = PausedQueues()
    pauses.pause_queue("work")
    product = TriggerDelivery(product_event("p", CREATED, {}, 2), "listen", 0, 0)
    assert pauses.hold_if_paused(ready_event("a"))
    assert not pauses.hold_if_paused(ready_event("b", "more"))
    assert not pauses.hold_if_paused(product)
    held = pauses.resume_queue("work")
    assert held is not None
    assert [event.id for event in held] == ["a"]
    assert not pauses.hold_if_paused(ready_event("c"))


def test_what_ended_while_it_was_held_does_not_come_back() -> None:
    """Those that are still due come in the order in which they were held."""
    pauses = PausedQueues()
    pauses.pause_queue("work")
    events = [ready_event(id) for id in "abc"]
    for event in events:
        pauses.hold_if_paused(event)
    events[1].become(State.CANCELLED)
    assert pauses.resume_queue("work") == [events[0], events[2]]


def test_a_queue_is_paused_and_resumed_once() -> None:
    """The second time changes nothing, and what is held stays held."""
    pauses = PausedQueues()
    assert pauses.pause_queue("work")
    pauses.hold_if_paused(ready_event("a"))
    assert not pauses.pause_queue("work")
    held = pauses.resume_queue("work")
    assert held is not None
    assert len(held) == 1
    assert pauses.resume_queue("work") is None


@pytest.mark.parametrize("all_paused", [False, True])
@pytest.mark.parametrize("queues", [(), ("a",), ("a", "b")])
def test_what_is_paused_is_saved_and_restored(queues: tuple[str, ...], all_paused: bool) -> None:
    """All delivery and queues by name are independent of each other."""
    pauses = PausedQueues()
    pauses.all_paused = all_paused
    for queue in reversed(queues):
        pauses.pause_queue(queue)
    again = PausedQueues()
    again.restore(pauses.snapshot)
    assert (again.queues, again.all_paused) == (queues, all_paused)
    assert again.snapshot == pauses.snapshot
