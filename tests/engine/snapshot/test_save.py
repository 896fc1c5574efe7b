"""What has changed is handed out once, numbered, and as an engine that never stopped has it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from forge_emu.engine.delivery.jobs import SavedJob
from forge_emu.engine.delivery.product_events import SavedProductEvent
from forge_emu.engine.delivery.queued_event import SavedQueuedEvent
from forge_emu.engine.snapshot.shapes import EngineChanges, EngineSnapshot
from forge_emu.model import HOUR, KvsRequest, PushItem, RetryRequested
from tests.engine.world import BOOM, World, app, dropped_event


@pytest.fixture
def world() -> World:
    """A world whose changes are tracked."""
    return tracked()


def tracked(**settings: Any) -> World:
    """A world with these settings, whose changes are tracked."""
    world = World(**settings)
    world.engine.snapshot_writer.start()
    return world


def test_nothing_is_tracked_before_the_start() -> None:
    """All there is can still be had."""
    world = World()
    world.push(PushItem.of(1))
    assert world.engine.take_changes().added == {}
    world.engine.snapshot_writer.start()
    assert list(world.engine.take_changes(everything=True).added) == [1]


def test_a_change_is_handed_out_once(world: World) -> None:
    """Of a delivery first all, then what of it changes."""
    world.push(PushItem.of(1))
    first = world.engine.take_changes()
    assert (list(first.added), list(first.standing), first.jobs) == ([1], [1], {})
    assert not world.engine.take_changes()
    world.advance_to(0)
    second = world.engine.take_changes()
    assert second.added == {}
    assert second.standing[1].state == "running"
    assert second.standing[1].attempt is not None
    assert not world.engine.take_changes()


def test_a_job_is_saved_with_the_first_of_its_events_that_ends(world: World) -> None:
    """Before that a restart makes it anew of its events."""
    job = world.push(PushItem.of(1), PushItem.of(2))
    assert world.engine.take_changes().jobs == {}
    world.advance_to(0).end_invocation()
    assert world.engine.take_changes().jobs == {job: SavedJob("work", 1)}


def test_what_ends_is_removed_if_it_was_saved(world: World) -> None:
    """What begins and ends between two calls was never there."""
    world.push(PushItem.of(1))
    world.engine.take_changes()
    world.advance_to(0).end_invocation()
    assert world.engine.take_changes().ended == {1}
    world.push(PushItem.of(2))
    world.advance_to(0).end_invocation()
    changes = world.engine.take_changes()
    assert (changes.added, changes.standing, changes.ended) == ({}, {}, set())


def test_everything_is_numbered_anew(world: World) -> None:
    """What is open, in the order in which it came, and what can be replayed."""
    for n in range(3):
        world.push(PushItem.of(n, 60))
    world.engine.take_changes()
    world.engine.cancel_job("job1", None, 0)
    world.push(PushItem.of(3), queue="nowhere")
    world.advance_to(0)
    world.engine.take_changes()
    changes = world.engine.take_changes(everything=True)
    fixed = [each for each in changes.added.values() if isinstance(each, SavedQueuedEvent)]
    assert list(changes.added) == [1, 2, 3]
    assert [each.item.body for each in fixed] == [1, 2, 3]
    assert [changes.standing[n].state for n in (1, 2, 3)] == ["scheduled", "scheduled", "dropped"]
    assert changes.ended == set()


def test_what_was_dropped_is_saved_without_what_no_handler_sees_again() -> None:
    """With the reason and time of its end."""
    world = tracked(async_events__max_retries=1)
    world.push(PushItem.of(1))
    world.advance_to(0).end_invocation(RetryRequested(1, "BUSY", {"page": 2}))
    assert world.engine.take_changes().standing[1].retry_data == {"page": 2}
    world.advance_to(1_000).end_invocation(BOOM)
    (progress,) = world.engine.take_changes().standing.values()
    assert (progress.state, progress.due_at) == ("dropped", 1_000)
    assert (progress.drop_reason, progress.retry_reason) == ("max_retries", "BUSY")
    assert progress.retry_data is None


def test_what_is_replayed_is_removed_and_comes_as_something_new() -> None:
    """Under another number."""
    world = tracked(async_events__max_retries=0)
    old = dropped_event(world)
    world.engine.take_changes()
    world.engine.queue_admin.replay_deliveries([old], world.engine.app, world.now)
    changes = world.engine.take_changes()
    assert (list(changes.added), changes.ended) == ([2], {1})


def test_a_window_is_saved_as_if_no_time_had_been_lost() -> None:
    """The next emulator adds what was lost in all."""
    world = World(async_events__max_retries=None, async_events__retention_hours=0.1)
    empty = EngineSnapshot(0, 0, world.engine.installation, away_ms=HOUR)
    world.engine.restore(empty, 0, away_ms=2 * HOUR, clean=True)
    world.push(PushItem.of(1))
    world.advance_to(0).end_invocation(RetryRequested(900))
    changes = world.engine.take_changes()
    (fixed,), (progress,) = changes.added.values(), changes.standing.values()
    assert fixed.away_before == 3 * HOUR
    assert (progress.window_end, progress.due_at) == (360_000, 360_000)
    assert progress.drop_reason == "retention_window"


def test_a_product_event_is_saved_while_some_triggers_are_done_with_it() -> None:
    """One that all are done with is removed, if it was ever saved."""
    one = app()
    second = msgspec.structs.replace(one.triggers[0], key="second")
    world = World(msgspec.structs.replace(one, triggers=(*one.triggers, second)))
    world.engine.snapshot_writer.start()
    world.send_product_event()
    world.end_invocation()
    world.now = 9
    changes = world.engine.take_changes()
    assert changes.progress == {"product1": SavedProductEvent(0, 1, None)}
    world.end_invocation()
    assert world.engine.take_changes().progress == {"product1": None}
    world.send_product_event(2)
    for _ in range(2):
        world.end_invocation()
    assert world.engine.take_changes().progress == {}


@pytest.mark.parametrize(
    "act",
    [
        lambda world: world.engine.queue_admin.pause_queue("work", 0),
        lambda world: world.engine.queue_admin.pause_delivery(persistent=True),
    ],
)
def test_what_is_paused_is_saved_when_it_changes(world: World, act: Callable[[World], Any]) -> None:
    """None stands for no change."""
    assert world.engine.take_changes().paused is None
    act(world)
    assert world.engine.take_changes().paused == world.engine.queue_admin.pauses.snapshot != ()
    assert world.engine.take_changes().paused is None


def test_a_pause_that_is_not_to_last_is_not_saved(world: World) -> None:
    """That of a single-stepping console."""
    world.engine.queue_admin.pause_delivery()
    assert world.engine.take_changes().paused is None


def costs(changes: EngineChanges, meter: str) -> list[tuple[int, float]]:
    """The saved costs of one limit."""
    return [(use.at, use.cost) for use in changes.uses if use.meter == meter]


def test_costs_are_saved_from_the_last_saved_instant_on(world: World) -> None:
    """All of an instant, not what was added last."""
    name = "limits.push.events_per_minute"
    world.push(PushItem.of(1), PushItem.of(2))
    first = world.engine.take_changes()
    assert (costs(first, name), first.figures[name].taken) == ([(0, 2)], 2)
    world.push(PushItem.of(3))
    assert costs(world.engine.take_changes(), name) == [(0, 3)]
    world.now = 5
    world.push(PushItem.of(4))
    second = world.engine.take_changes()
    assert (costs(second, name), second.figures[name].taken) == ([(0, 3), (5, 1)], 4)
    assert name not in world.engine.take_changes().figures


def test_values_are_saved_as_they_are_and_removed_where_they_are_no_more(world: World) -> None:
    """The last change of a key counts."""
    world.engine.kvs.call(KvsRequest("set", "k", b"1"), 0)
    world.engine.kvs.call(KvsRequest("set", "k", b"2"), 0)
    (value,) = world.engine.take_changes().values.values()
    assert value is not None
    assert value.value_text == b"2"
    world.engine.kvs.call(KvsRequest("delete", "k"), 0)
    assert list(world.engine.take_changes().values.values()) == [None]
