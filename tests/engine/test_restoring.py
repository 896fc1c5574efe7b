"""A restart between any two inputs: each thing that outlives it, by itself."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from forge_emu import records as r
from forge_emu.model import (
    HOUR,
    MINUTE,
    App,
    Invocation,
    KvsRequest,
    PlatformError,
    PushItem,
    RetryRequested,
    Subscription,
    Trigger,
)
from tests.engine.world import BOOM, CREATED, World, app, open_fields, run_now


def two_triggers() -> App:
    """Two triggers on the same event."""
    triggers = (
        Trigger("first", "trigger", (Subscription(CREATED),), 1),
        Trigger("second", "work", (Subscription(CREATED),), 1),
    )
    return App("a", "a", "manifest.yml", "nodejs22.x", app().functions, app().consumers, triggers)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A world whose engine can be killed."""
    world = World()
    world.persist_to(tmp_path)
    yield world
    assert world.database is not None
    world.database.close()


def started(world: World) -> Invocation:
    """What the engine starts next."""
    world.advance_to(world.now)
    return world.next_invocation()


def test_what_ran_is_delivered_again_with_the_same_retry_count(world: World) -> None:
    """The attempt goes up; the record of its end says why; the slot is free."""
    world.push(PushItem("x", 0, {"key": "a", "limit": 1}))
    world.advance_to(0)
    world.end_invocation(RetryRequested(10))
    world.advance_to(10_000)
    before = world.next_invocation()
    world.restart()
    after = started(world)
    assert (before.attempt, after.attempt) == (2, 3)
    assert after.event["retryContext"]["retryCount"] == 1
    (ended,) = [x for x in world.bodies_of(r.InvocationFinished) if x.outcome == "platform_error"]
    assert ended.invocation_id == before.invocation_id
    assert ended.error.name == "EmulatorRestarted"


def test_the_first_record_tells_what_was_found(world: World) -> None:
    """How many are pending, were running, and have become due."""
    for delay in (0, 60, 3600 / 4):
        world.push(PushItem("x", delay))
    world.advance_to(0)
    seen = len(world.records)
    world.restart(away_ms=2 * MINUTE)
    body = world.records[seen].body
    assert body == r.EmulatorRestarted(
        previous_end=0, clean=False, away_ms=2 * MINUTE, pending=3, overdue=1, interrupted=1
    )
    assert world.records[seen].seq == seen + 1


def test_the_rest_of_a_wait_is_waited(world: World) -> None:
    """An event that is not overdue comes at its due time."""
    world.push(PushItem("x", 100))
    world.restart(away_ms=40_000)
    world.advance_to(99_999)
    assert not world.started
    world.advance_to(100_000)
    assert len(world.started) == 1


def test_retention_windows_stand_still_meanwhile(world: World) -> None:
    """A day without an emulator costs no event; the window then ends as much later."""
    world.push(PushItem("x", 0))
    world.advance_to(0)
    world.end_invocation(RetryRequested(900))
    for _ in range(3):
        world.restart(away_ms=23 * HOUR)
    invocation = started(world)
    assert invocation.event["retryContext"]["retentionWindow"]["remainingTimeMs"] == 24 * HOUR


def test_an_event_given_up_waits_for_the_end_of_its_window(tmp_path: Path) -> None:
    """Its being dropped moves with the window."""
    world = World(async_events__max_retries=None, async_events__retention_hours=0.1)
    world.persist_to(tmp_path)
    world.push(PushItem("x", 0))
    world.advance_to(0)
    world.end_invocation(RetryRequested(900))
    world.restart(away_ms=HOUR)
    world.advance_to(HOUR + 6 * MINUTE - 1)
    assert not world.bodies_of(r.EventDropped)
    world.advance_to(HOUR + 6 * MINUTE)
    assert [x.reason for x in world.bodies_of(r.EventDropped)] == ["retention_window"]


def test_a_product_event_remembers_the_triggers_that_are_done(tmp_path: Path) -> None:
    """Its end counts the attempts of both runs, and the reason of the first failure."""
    world = World(two_triggers(), product_events__retry_thrown_errors=False)
    world.persist_to(tmp_path)
    world.send_product_event()
    assert len(world.started) == 2
    world.end_invocation(BOOM)
    world.restart(away_ms=1000)
    world.advance_to(world.now)
    world.end_invocation()
    (end,) = world.bodies_of(r.ProductEventDropped)
    assert (end.attempts, end.age_ms, end.reason) == (3, 1000, "handler_error")


def test_a_hurried_event_stays_hurried(world: World) -> None:
    """Somebody skipped its wait while delivery was paused."""
    world.push(PushItem("x", 900))
    world.engine.queue_admin.pause_delivery()
    (waiting,) = open_fields(world.engine)
    run_now(world.engine, str(waiting["event_id"]), world.now)
    world.collect()
    world.restart()
    assert started(world).attempt == 1


def test_platform_errors_go_on_extending_the_window(world: World) -> None:
    """The count of uncounted errors is kept."""
    world.push(PushItem("x", 0))
    world.advance_to(0)
    world.end_invocation(PlatformError(BOOM.error))
    world.restart(away_ms=HOUR)
    window = started(world).event["retryContext"]["retentionWindow"]
    assert window["remainingTimeMs"] == 96 * HOUR


def test_limits_remember_what_was_used(tmp_path: Path) -> None:
    """Rates, the throughput of a key, and the pushes of a chain."""
    world = World(limits__kvs__key_write_mb_per_second=1, limits__push__cyclic_requests=2)
    world.persist_to(tmp_path)
    for n in range(4):
        world.engine.kvs.call(KvsRequest("set", "k", value_text=b'"%s"' % (b"x" * 200_000)), n)
    world.push(PushItem("x", 0), by="somebody")
    world.push(PushItem("x", 0), by="somebody")
    before = world.engine.usage(10)
    world.restart(away_ms=10)
    assert world.engine.usage(10) == before
    more = KvsRequest("set", "k", value_text=b'"%s"' % (b"x" * 239_000))
    with pytest.raises(Exception, match="429"):
        world.engine.kvs.call(more, 10)
    with pytest.raises(Exception, match="405"):
        world.push(PushItem("x", 0), by="somebody")


def test_values_keep_their_metadata(world: World) -> None:
    """When they were made and when they end."""
    options = {"ttl": {"value": 60, "unit": "SECONDS"}}
    world.engine.kvs.call(KvsRequest("set", "k", value_text=b"1", options=options), 1_000)
    world.engine.kvs.call(KvsRequest("set", "k", value_text=b"2", options=options), 2_000)
    world.collect()
    world.restart(away_ms=5_000)
    found = world.engine.kvs.call(KvsRequest("get", "k"), world.now).found
    assert found is not None
    assert (found.created_at, found.updated_at, found.expires_at) == (1_000, 2_000, 62_000)


def test_a_duplicate_stays_one(tmp_path: Path) -> None:
    """It is delivered, nothing comes of how it ends, and no job knows it."""
    world = World(delivery__duplicates=1, delivery__duplicate_after_seconds=10)
    world.persist_to(tmp_path)
    job = world.push(PushItem("x", 0))
    world.advance_to(0)
    world.end_invocation()
    world.restart()
    assert world.engine.job_stats(job).in_progress == 0
    world.advance_to(10_000)
    world.restart()
    world.advance_to(world.now)
    world.end_invocation(RetryRequested(1))
    assert world.engine.pending == 0
    assert len(world.bodies_of(r.EventSucceeded)) == 1
    assert [x.duplicate for x in world.bodies_of(r.InvocationStarted)] == [False, True, True]


def test_what_was_dropped_can_still_be_replayed(world: World) -> None:
    """With its reason and in its order; what was replayed is kept no longer."""
    for n in range(3):
        world.push(PushItem(n, n), queue="nowhere")
    world.advance_to(2_000)
    before = [(x.delivery.id, x.reason, x.at) for x in world.engine.queue_admin.dropped]
    assert len(before) == 3
    world.restart(away_ms=1_000)
    assert [(x.delivery.id, x.reason, x.at) for x in world.engine.queue_admin.dropped] == before
    assert world.engine.pending == 0
    assert world.engine.queue_admin.replay_deliveries([before[0][0]], world.engine.app, world.now)
    world.collect()
    world.restart()
    assert [x.delivery.id for x in world.engine.queue_admin.dropped] == [x[0] for x in before[1:]]
    assert world.engine.pending == 1


def test_a_paused_queue_stays_paused(world: World) -> None:
    """Its events wait in line until it goes on."""
    world.engine.queue_admin.pause_queue("work", 0)
    world.push(PushItem("x", 1))
    world.advance_to(1_000)
    world.restart(away_ms=60_000)
    world.advance_to(world.now)
    assert not world.started
    world.engine.queue_admin.resume_queue("work", world.now)
    world.collect()
    assert started(world).attempt == 1
    world.restart()
    assert world.engine.queue_admin.pauses.queues == ()


def test_a_cancelled_job_stays_cancelled(world: World) -> None:
    """What of it ran when the emulator was killed is not retried."""
    job = world.push(PushItem("x", 0), PushItem("y", 60))
    world.advance_to(0)
    world.engine.cancel_job(job, None, 0)
    world.collect()
    world.restart()
    world.advance_to(world.now)
    world.end_invocation(RetryRequested(1))
    assert len(world.bodies_of(r.EventCancelled)) == 2
    assert world.engine.pending == 0
