"""An event of a queue ends in one record, and may come once more after that."""

from __future__ import annotations

from itertools import count
from typing import Any

import msgspec
import pytest

from forge_emu import records as r
from forge_emu.engine.build import build_parts
from forge_emu.engine.delivery.delivery import State
from forge_emu.engine.delivery.queued_event import Duplicate, SavedQueuedEvent
from forge_emu.engine.engine import Engine
from forge_emu.errors import UserError
from forge_emu.model import (
    Invocation,
    PushItem,
    PushRequest,
    RetryRequested,
    Success,
    UnloadedFunction,
)
from forge_emu.settings import Settings, parse_setting
from tests.engine.world import BOOM, EPOCH, World, app, new_engine, queued_event


def test_an_event_is_delivered_when_its_delay_has_passed() -> None:
    """Half a second's delay is half a second, to the millisecond."""
    world = World()
    world.push(PushItem.of({"a": 1}, 0.5))
    assert not world.advance_to(499).started
    invocation = world.advance_to(500).next_invocation()
    assert invocation.event == {
        "queueName": "work",
        "jobId": "job1",
        "eventId": invocation.event_id,
        "body": {"a": 1},
        "delayInSeconds": 0.5,
    }
    assert set(invocation.context) == {"installContext", "installation"}


def test_a_duplicate_comes_after_success_and_ends_nothing() -> None:
    """One terminal record; the second delivery is marked, and may fail as it likes."""
    world = World(delivery__duplicates=1, delivery__duplicate_after_seconds=5)
    world.push(PushItem.of({"a": 1}))
    world.advance_to(0)
    first = world.end_invocation()
    assert world.engine.pending == 1
    assert not world.advance_to(4_999).started
    world.advance_to(5_000)
    second = world.end_invocation(RetryRequested(1))
    assert second.event == first.event
    assert second.event_id == first.event_id
    assert world.engine.pending == 0
    started = world.bodies_of(r.InvocationStarted)
    assert [(x.duplicate, x.attempt, x.event_id) for x in started] == [
        (False, 1, first.event_id),
        (True, 2, first.event_id),
    ]
    assert [x.duplicate for x in world.bodies_of(r.InvocationFinished)] == [False, True]
    assert len(world.bodies_of(r.EventSucceeded)) == 1
    assert not world.bodies_of(r.RetryScheduled)
    assert world.engine.job_stats("job1").success == 1


def test_duplicates_leave_every_other_chance_alone() -> None:
    """The platform's own backoff draws the same numbers with and without them."""

    def waits(share: float) -> list[int]:
        world = World(delivery__duplicates=share)
        for _ in range(20):
            world.push(PushItem.of({}))
        world.advance_to(0)
        while world.started:
            world.end_invocation()
        world.push(PushItem.of({}))
        world.advance_to(1)
        world.end_invocation(RetryRequested(None))
        return [x.retry_after_ms for x in world.bodies_of(r.RetryScheduled)]

    assert waits(0) == waits(0.0001)


@pytest.mark.parametrize(("text", "share"), [("1%", 0.01), ("0.25", 0.25), ("100%", 1.0)])
def test_a_share_may_be_written_in_per_cent(text: str, share: float) -> None:
    """`--set delivery.duplicates=1%`."""
    assert parse_setting("delivery.duplicates", text, "--set") == share


@pytest.mark.parametrize("text", ["101%", "-1%", "%", "1 of 2"])
def test_a_wrong_share_is_quoted(text: str) -> None:
    """What is no share of anything is refused."""
    with pytest.raises(UserError, match=r"delivery\.duplicates cannot be"):
        parse_setting("delivery.duplicates", text, "--set")


def engine(chance: float, **overrides: Any) -> Engine:
    """An engine all of whose chances are one number."""
    ids = count(1)
    settings = Settings(overrides={k.replace("__", "."): v for k, v in overrides.items()})
    return new_engine(
        app(), settings, epoch_ms=EPOCH, new_id=lambda: f"id{next(ids)}", chance=lambda: chance
    )


def push_one(engine: Engine) -> Invocation:
    """An event is pushed, and starts."""
    engine.push(PushRequest("work", "job", (PushItem.of({}),), (2,), 2, "x"), 0)
    engine.wake(0)
    (invocation,) = engine.take_invocations()
    return invocation


@pytest.mark.parametrize(
    ("share", "chance", "again"),
    [(0, 0.0, 0), (0.5, 0.49, 1), (0.5, 0.5, 0), (1, 0.999, 1)],
)
def test_a_share_of_the_events_that_succeed_comes_again(
    share: float, chance: float, again: int
) -> None:
    """A share of nothing none, a share of one all."""
    one = engine(chance, delivery__duplicates=share)
    one.end_invocation(push_one(one).invocation_id, Success(), 0)
    assert one.pending == again
    assert one.next_delivery_due() == (5_000 if again else None)


def test_what_does_not_succeed_does_not_come_again() -> None:
    """A dropped or cancelled event has no duplicate."""
    world = World(delivery__duplicates=1, async_events__max_retries=0)
    world.push(PushItem.of(1), PushItem.of(2, 60))
    world.advance_to(0).end_invocation(BOOM)
    world.engine.cancel_job("job1", None, 0)
    world.collect()
    assert world.record_types()[-2:] == ["event.dropped", "event.cancelled"]
    assert world.engine.pending == 0


def test_a_duplicate_is_what_its_event_was() -> None:
    """With its retries before it, and an id of its own that records do not show."""
    event = queued_event("e", key="a", slots=2, pushed_by="x")
    event.attempts, event.retry_count, event.retry_reason = 3, 2, "BUSY"
    again = Duplicate.of(event, 10, 20)
    assert (again.id, again.event_id, again.ids) == ("e/again", "e", {"event_id": "e"})
    assert (again.created_at, again.due_at) == (10, 20)
    assert (again.attempts, again.retry_count, again.retry_reason) == (3, 2, "BUSY")
    assert again.concurrency == ("a", 2)
    assert again.is_duplicate
    assert not again.cancellable


@pytest.mark.parametrize("state", list(State))
def test_an_event_can_be_cancelled_while_it_waits(state: State) -> None:
    """For its time or for an instance; what runs or has ended is past it."""
    event = queued_event()
    event.state = state
    waits = state in (State.SCHEDULED, State.READY, State.WAITING)
    assert event.cancellable is waits


def test_an_event_whose_consumer_is_gone_by_its_time_is_dropped() -> None:
    """The app was reloaded without it meanwhile."""
    world = World()
    world.push(PushItem.of(1, 60))
    world.engine.reload_app(msgspec.structs.replace(app(), consumers=()), 2, 0)
    world.advance_to(60_000)
    (end,) = world.bodies_of(r.EventDropped)
    assert (end.reason, end.attempts, end.age_ms) == ("no_consumer", 0, 60_000)


def test_an_event_whose_function_is_gone_is_dropped() -> None:
    """A consumer alone handles nothing."""
    world = World(msgspec.structs.replace(app(), functions={}))
    world.push(PushItem.of(1))
    world.advance_to(0)
    assert [x.reason for x in world.bodies_of(r.EventDropped)] == ["no_consumer"]


def test_an_event_whose_function_does_not_load_is_dropped_for_that() -> None:
    """Its consumer is there, its code is not."""
    unloaded = {"work": UnloadedFunction("index.run", "src/index.js:1:1 broken")}
    world = World(msgspec.structs.replace(app(), functions={}, unloaded=unloaded))
    world.push(PushItem.of(1))
    world.advance_to(0)
    assert [x.reason for x in world.bodies_of(r.EventDropped)] == ["not_loaded"]


def test_a_replay_repeats_all_but_the_ids() -> None:
    """Its key, its body and who pushed it; it waits for nothing but its key."""
    world = World(async_events__max_retries=0, async_events__concurrency_release_seconds=0)
    world.push(PushItem.of({"n": 1}, 60, {"key": "a", "limit": 1}), by="pusher")
    world.advance_to(60_000).end_invocation(BOOM)
    old, admin = world.bodies_of(r.EventPushed)[0], world.engine.queue_admin
    admin.replay_deliveries([old.event_id], world.engine.app, world.now)
    world.advance_to(60_000)
    new = world.bodies_of(r.EventPushed)[1]
    assert new.event_id != old.event_id
    assert new.job_id != old.job_id
    assert (new.replay_of, new.due_at, new.invocation_id) == (old.event_id, 60_000, "pusher")
    assert world.next_invocation().event["concurrency"] == {"key": "a", "limit": 1}


@pytest.mark.parametrize("shown", [True, False])
def test_a_setting_says_whether_a_handler_sees_its_window(shown: bool) -> None:
    """On a retry; a first delivery has no retry context at all."""
    world = World(async_events__retention_window_in_context=shown)
    world.push(PushItem.of({}))
    world.advance_to(0).end_invocation(RetryRequested(1))
    context = world.advance_to(1_000).next_invocation().event["retryContext"]
    assert ("retentionWindow" in context) is shown


@pytest.mark.parametrize("chance", [0.0, 0.5])
def test_a_spread_adds_a_share_of_itself(chance: float) -> None:
    """Without one no chance is drawn: the same seed gives the same run as before."""
    one = engine(chance, delivery__push_spread_seconds=60)
    one.push(PushRequest("work", "job", (PushItem.of({}, 10),), (2,), 2, "x"), 0)
    assert one.next_delivery_due() == 10_000 + round(60_000 * chance)


def test_what_is_saved_of_an_event_makes_it_again() -> None:
    """A duplicate stays one; its records are those of the event that it repeats."""
    event = queued_event("e", key="a", slots=1)
    kinds = build_parts(
        app(), Settings(), epoch_ms=0, new_id=lambda: "id", chance=lambda: 0.5
    ).saved.queued_events
    for each in (event, Duplicate.of(event, 10, 20)):
        saved = kinds.save_delivery(each, 500)
        read = msgspec.json.decode(msgspec.json.encode(saved), type=SavedQueuedEvent)
        again = kinds.restore_delivery(read)
        assert type(again) is type(each)
        assert (again.id, again.created_at) == (each.id, each.created_at)
        assert again.concurrency == ("a", 1)
        assert again.whole().away_before == 500
        routing = None if each.is_duplicate else {"event_id": "e", "queue": "work"}
        assert kinds.restored_routing(again.whole()) == routing


def test_the_consumer_of_a_first_form_event_sees_no_retention_window() -> None:
    """`@forge/events` 0 and 1 know none; the count of retries is theirs too."""
    world = World(async_events__max_retries=None)
    world.push(PushItem.of("text"), legacy=True)
    world.advance_to(0)
    for _ in range(4):
        world.end_invocation(BOOM)
        world.advance_to(world.engine.next_wakeup() or world.now)
    last = world.end_invocation(BOOM)

    assert set(last.event["retryContext"]) == {"retryCount", "retryReason", "retryData"}
    (drop,) = world.bodies_of(r.EventDropped)
    assert (drop.reason, drop.first_form) == ("max_retries", True)
