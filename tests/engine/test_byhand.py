"""What a developer does by hand: it works on what it names alone, and it is on record."""

from __future__ import annotations

from forge_emu import records as r
from forge_emu.model import KvsRequest, PushItem, RetryRequested
from tests.engine.world import BOOM, World, app


def test_a_waiting_event_is_cancelled_and_its_siblings_are_not() -> None:
    """The rest of its job goes on."""
    world = World()
    world.push(PushItem(1, 60), PushItem(2, 60))
    first, second = [e.event_id for e in world.bodies_of(r.EventPushed)]
    assert world.engine.queue_admin.cancel_events([first, "unknown"], 0) == 1
    world.advance_to(60_000)
    assert [e.event_id for e in world.bodies_of(r.EventCancelled)] == [first]
    assert [i.event_id for i in world.started] == [second]
    assert world.bodies_of(r.ActedByHand)[0] == r.ActedByHand(action="cancel", queue=None, events=1)


def test_a_running_event_is_not_cancelled() -> None:
    """What has started, ends by itself; nothing is recorded."""
    world = World()
    world.push(PushItem(1))
    world.advance_to(0)
    assert world.engine.queue_admin.cancel_events([world.started[0].event_id or ""], 0) == 0
    world.end_invocation()
    assert world.bodies_of(r.EventSucceeded)
    assert not world.bodies_of(r.ActedByHand)


def test_many_waits_are_skipped_at_once() -> None:
    """Delayed and retried events alike; the act is one record."""
    world = World()
    world.push(PushItem(1, 900), PushItem(2))
    world.advance_to(0)
    world.end_invocation(RetryRequested(600))
    ids = [d.id for d in world.engine.queue_admin.open_deliveries()]
    assert world.engine.queue_admin.run_deliveries_now(ids, 5) == 2
    world.advance_to(5)
    assert len(world.started) == 2
    assert world.bodies_of(r.ActedByHand) == [r.ActedByHand(action="run_now", queue=None, events=2)]


def dropped_event(world: World) -> str:
    """The id of an event that was dropped after its first failure."""
    world.push(PushItem({"n": 1}), by="pusher")
    world.advance_to(world.now)
    world.end_invocation(BOOM)
    world.advance_to(world.now + 100_000)
    return str(world.bodies_of(r.EventDropped)[-1].event_id)


def test_a_dropped_event_is_delivered_again_as_a_new_one() -> None:
    """New id, new job, all attempts anew; the record says whose replay it is."""
    world = World(async_events__max_retries=0)
    old = dropped_event(world)
    (new,) = world.engine.queue_admin.replay_deliveries([old], world.engine.app, world.now)
    world.advance_to(world.now)
    pushed = world.bodies_of(r.EventPushed)[-1]
    assert (pushed.event_id, pushed.replay_of, pushed.invocation_id) == (new, old, "pusher")
    invocation = world.next_invocation()
    assert invocation.event["body"] == {"n": 1}
    assert invocation.attempt == 1
    assert "retryContext" not in invocation.event
    assert world.engine.queue_admin.replay_deliveries([old], world.engine.app, world.now) == []


def test_a_replayed_event_that_fails_again_can_be_replayed_again() -> None:
    """It is dropped under its new id."""
    world = World(async_events__max_retries=0)
    (new,) = world.engine.queue_admin.replay_deliveries(
        [dropped_event(world)], world.engine.app, world.now
    )
    world.advance_to(world.now)
    world.end_invocation(BOOM)
    assert [d.delivery.id for d in world.engine.queue_admin.dropped] == [new]


def test_dropped_events_are_kept_up_to_a_number() -> None:
    """The oldest are forgotten, and counted."""
    world = World(async_events__max_retries=0, delivery__dropped_kept=2)
    ids = [dropped_event(world) for _ in range(3)]
    kept = world.engine.queue_admin.dropped
    assert [d.delivery.id for d in kept] == ids[1:]
    assert (len(kept), kept.evicted_count, kept.capacity) == (2, 1, 2)
    assert kept.pop(ids[0]) is None


def test_a_dropped_product_event_is_sent_again() -> None:
    """To every trigger that listens, once, as a new product event."""
    world = World(product_events__max_retries=0)
    world.send_product_event(7)
    world.end_invocation(BOOM)
    (kept,) = world.engine.queue_admin.dropped
    (new,) = world.engine.queue_admin.replay_deliveries(
        [kept.delivery.id], world.engine.app, world.now
    )
    world.advance_to(world.now)
    sent = world.bodies_of(r.ProductEventSent)[-1]
    assert (sent.product_event_id, sent.replay_of, sent.subject) == (new, "product7", "EMU-7")
    world.end_invocation()
    assert world.bodies_of(r.ProductEventSucceeded)[-1].product_event_id == new


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


def test_edits_of_the_store_are_recorded_and_cost_nothing() -> None:
    """They count against no limit, and the app reads what was written."""
    world = World(app(), limits__kvs__write_units_per_minute=1)
    for n in range(5):
        world.engine.kvs.edit(KvsRequest("set", "k", b'{"n":%d}' % n), 0)
    world.engine.kvs.edit(KvsRequest("delete", "other"), 0)
    found = world.engine.kvs.call(KvsRequest("get", "k"), 0).found
    world.collect()
    assert found
    assert found.value_text == b'{"n":4}'
    done = world.bodies_of(r.KvsDone)[:6]
    assert {(d.units, d.invocation_id) for d in done} == {(0, None)}
    assert all(u.used == 0 for u in world.engine.usage(0) if "write" in u.name)
    world.engine.kvs.call(KvsRequest("set", "k", b"1"), 0)


def test_a_duplicate_can_be_hurried_but_not_cancelled() -> None:
    """Its event has succeeded; only the second delivery is to come."""
    world = World(delivery__duplicates=1, delivery__duplicate_after_seconds=60)
    world.push(PushItem(1))
    world.advance_to(0)
    world.end_invocation()
    (duplicate,) = world.engine.queue_admin.open_deliveries()
    assert world.engine.queue_admin.cancel_events([duplicate.id], 0) == 0
    assert world.engine.queue_admin.run_deliveries_now([duplicate.id], 0) == 1
    world.advance_to(0)
    assert world.end_invocation(BOOM).event_id == world.bodies_of(r.EventPushed)[0].event_id
    assert len(world.engine.queue_admin.dropped) == 0
