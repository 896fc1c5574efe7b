"""What a developer does by hand: it works on what it names alone, and it is on record."""

from __future__ import annotations

import pytest

from forge_emu import records as r
from forge_emu.engine.delivery.admin import delivery_fields
from forge_emu.engine.delivery.trigger_delivery import TriggerDelivery
from forge_emu.engine.journal.secrets import Secrets
from forge_emu.model import KvsRequest, PushItem, RetryRequested
from tests.engine.world import BOOM, CREATED, World, app, dropped_event, queued_event, run_now
from tests.product_events import product_event


def test_a_waiting_event_is_cancelled_and_its_siblings_are_not() -> None:
    """The rest of its job goes on."""
    world = World()
    world.push(PushItem.of(1, 60), PushItem.of(2, 60))
    first, second = [e.event_id for e in world.bodies_of(r.EventPushed)]
    assert world.engine.queue_admin.cancel_events([first, "unknown"], 0) == 1
    world.advance_to(60_000)
    assert [e.event_id for e in world.bodies_of(r.EventCancelled)] == [first]
    assert [i.event_id for i in world.started] == [second]
    assert world.bodies_of(r.ActedByHand)[0] == r.ActedByHand(action="cancel", queue=None, events=1)


def test_a_running_event_is_not_cancelled() -> None:
    """What has started, ends by itself; nothing is recorded."""
    world = World()
    world.push(PushItem.of(1))
    world.advance_to(0)
    assert world.engine.queue_admin.cancel_events([world.started[0].event_id or ""], 0) == 0
    world.end_invocation()
    assert world.bodies_of(r.EventSucceeded)
    assert not world.bodies_of(r.ActedByHand)


def test_many_waits_are_skipped_at_once() -> None:
    """Delayed and retried events alike; the act is one record."""
    world = World()
    world.push(PushItem.of(1, 900), PushItem.of(2))
    world.advance_to(0)
    world.end_invocation(RetryRequested(600))
    ids = [d.id for d in world.engine.queue_admin.open_deliveries()]
    assert world.engine.queue_admin.run_deliveries_now(ids, 5) == 2
    world.advance_to(5)
    assert len(world.started) == 2
    assert world.bodies_of(r.ActedByHand) == [r.ActedByHand(action="run_now", queue=None, events=2)]


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


def test_edits_of_the_store_are_recorded_and_cost_nothing() -> None:
    """They count against no limit, and the app reads what was written."""
    world = World(app(), limits__kvs__write_units_per_minute=1)
    for n in range(5):
        world.engine.kvs.edit(KvsRequest("set", "k", b'{"n":%d}' % n), 0)
    world.engine.kvs.edit(KvsRequest("delete", "other"), 0)
    found = world.engine.kvs.call(KvsRequest("get", "k"), 0).value
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
    world.push(PushItem.of(1))
    world.advance_to(0)
    world.end_invocation()
    (duplicate,) = world.engine.queue_admin.open_deliveries()
    assert world.engine.queue_admin.cancel_events([duplicate.id], 0) == 0
    assert world.engine.queue_admin.run_deliveries_now([duplicate.id], 0) == 1
    world.advance_to(0)
    assert world.end_invocation(BOOM).event_id == world.bodies_of(r.EventPushed)[0].event_id
    assert len(world.engine.queue_admin.dropped) == 0


def test_by_hand_one_is_delivered_and_a_wait_is_skipped() -> None:
    """Pause holds, step delivers one, run_now skips the wait of one event."""
    world = World()
    world.engine.queue_admin.pause_delivery()
    world.push(PushItem.of(1), PushItem.of(2))
    world.advance_to(0)
    assert not world.started
    assert world.engine.delivery_loop.deliver_next(0)
    world.collect()
    first = world.end_invocation(RetryRequested(600))
    assert world.engine.next_delivery_due() == 600_000
    assert not run_now(world.engine, "unknown", 0)
    assert first.event_id is not None
    assert run_now(world.engine, first.event_id, 0)
    world.engine.queue_admin.resume_delivery(0)
    world.collect()
    assert sorted(x.event["body"] for x in world.started) == [1, 2]


def actions(world: World) -> list[tuple[str, str | None, int]]:
    """What a developer did, as it is on record."""
    world.collect()
    return [(each.action, each.queue, each.events) for each in world.bodies_of(r.ActedByHand)]


def test_only_what_changed_something_is_on_record() -> None:
    """Once for each action, with how many events it was about."""
    world = World()
    admin = world.engine.queue_admin
    assert admin.pause_queue("work", 0)
    assert not admin.pause_queue("work", 0)
    world.push(PushItem.of(1))
    world.push(PushItem.of(2, 60))
    world.advance_to(0)
    assert admin.resume_queue("work", 0)
    assert not admin.resume_queue("work", 0)
    assert admin.cancel_events(["unknown"], 0) == 0
    assert admin.run_deliveries_now(["unknown"], 0) == 0
    assert admin.replay_deliveries(["unknown"], world.engine.app, 0) == []
    assert actions(world) == [("pause", "work", 0), ("resume", "work", 1)]
    assert [each.event["body"] for each in world.advance_to(0).started] == [1]


def test_a_replay_is_one_action_however_many_it_is_about() -> None:
    """Of those that are known."""
    world = World(async_events__max_retries=0)
    ids = [dropped_event(world) for _ in range(2)]
    new = world.engine.queue_admin.replay_deliveries([*ids, "unknown"], world.engine.app, world.now)
    assert len(new) == 2
    assert actions(world) == [("replay", None, 2)]


@pytest.mark.parametrize("persistent", [False, True])
def test_all_delivery_is_paused_for_now_or_after_a_restart_too(persistent: bool) -> None:
    """A pause for now does not end one that is to last."""
    world = World()
    admin = world.engine.queue_admin
    admin.pause_delivery(persistent=persistent)
    assert (world.engine.paused, admin.pauses.all_paused) == (True, persistent)
    admin.pause_delivery()
    assert admin.pauses.all_paused is persistent
    admin.resume_delivery(0)
    assert (world.engine.paused, admin.pauses.all_paused) == (False, False)


def test_what_is_run_now_is_saved_as_ready() -> None:
    """It is not due after a restart, but ready."""
    world = World()
    world.engine.snapshot_writer.start()
    world.engine.queue_admin.pause_delivery()
    world.push(PushItem.of(1, 60))
    assert world.engine.take_changes().standing[1].state == "scheduled"
    (event,) = world.engine.queue_admin.open_deliveries()
    assert world.engine.queue_admin.run_deliveries_now([event.id], 0) == 1
    assert world.engine.take_changes().standing[1].state == "ready"
    assert world.engine.queue_admin.run_deliveries_now([event.id], 0) == 0


def test_a_delivery_is_shown_as_plain_values() -> None:
    """One of a product event has no queue and no job; what is secret is not shown."""
    secrets = Secrets()
    secrets.add_variable("KEY", "opensesame")
    event = queued_event("e", queue="to-opensesame", job="j")
    event.attempts, event.retry_count, event.retry_reason = 2, 1, "because opensesame"
    assert delivery_fields(event, secrets) == {
        "event_id": "e",
        "queue": "to-[KEY]",
        "job_id": "j",
        "state": "scheduled",
        "due_at": 0,
        "attempts": 2,
        "retry_count": 1,
        "retry_reason": "because [KEY]",
        "asked_by": None,
    }
    product = TriggerDelivery(product_event("p", CREATED, {}, 2), "listen", 0, 5)
    assert delivery_fields(product, secrets) == {
        "product_event_id": "p",
        "trigger": "listen",
        "state": "scheduled",
        "due_at": 5,
        "attempts": 0,
        "retry_count": 0,
        "retry_reason": None,
        "asked_by": None,
    }
