"""A restart between any two inputs: each thing that outlives it, by itself."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from forge_emu import records as r
from forge_emu.engine.installation import Installation
from forge_emu.engine.quota import QuotaUse
from forge_emu.engine.snapshot.shapes import (
    DeliveryProgress,
    EngineSnapshot,
    QuotaCost,
    SavedInvocation,
)
from forge_emu.model import (
    HOUR,
    MINUTE,
    App,
    Invocation,
    JobStats,
    KvsRequest,
    PlatformError,
    PushItem,
    RetryRequested,
    Subscription,
    Trigger,
)
from tests.engine.world import BOOM, CREATED, World, app, open_fields, queued_event, run_now

INSTALLATION = Installation("i", "c")


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
    world.push(PushItem.of("x", 0, {"key": "a", "limit": 1}))
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
        world.push(PushItem.of("x", delay))
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
    world.push(PushItem.of("x", 100))
    world.restart(away_ms=40_000)
    world.advance_to(99_999)
    assert not world.started
    world.advance_to(100_000)
    assert len(world.started) == 1


def test_retention_windows_stand_still_meanwhile(world: World) -> None:
    """A day without an emulator costs no event; the window then ends as much later."""
    world.push(PushItem.of("x", 0))
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
    world.push(PushItem.of("x", 0))
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
    world.push(PushItem.of("x", 900))
    world.engine.queue_admin.pause_delivery()
    (waiting,) = open_fields(world.engine)
    run_now(world.engine, str(waiting["event_id"]), world.now)
    world.collect()
    world.restart()
    assert started(world).attempt == 1


def test_platform_errors_go_on_extending_the_window(world: World) -> None:
    """The count of uncounted errors is kept."""
    world.push(PushItem.of("x", 0))
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
    world.push(PushItem.of("x", 0), by="somebody")
    world.push(PushItem.of("x", 0), by="somebody")
    before = world.engine.usage(10)
    world.restart(away_ms=10)
    assert world.engine.usage(10) == before
    more = KvsRequest("set", "k", value_text=b'"%s"' % (b"x" * 239_000))
    with pytest.raises(Exception, match="429"):
        world.engine.kvs.call(more, 10)
    with pytest.raises(Exception, match="405"):
        world.push(PushItem.of("x", 0), by="somebody")


def test_values_keep_their_metadata(world: World) -> None:
    """When they were made and when they end."""
    options = {"ttl": {"value": 60, "unit": "SECONDS"}}
    world.engine.kvs.call(KvsRequest("set", "k", value_text=b"1", options=options), 1_000)
    world.engine.kvs.call(KvsRequest("set", "k", value_text=b"2", options=options), 2_000)
    world.collect()
    world.restart(away_ms=5_000)
    found = world.engine.kvs.call(KvsRequest("get", "k"), world.now).value
    assert found is not None
    assert (found.created_at, found.updated_at, found.expires_at) == (1_000, 2_000, 62_000)


def test_a_duplicate_stays_one(tmp_path: Path) -> None:
    """It is delivered, nothing comes of how it ends, and no job knows it."""
    world = World(delivery__duplicates=1, delivery__duplicate_after_seconds=10)
    world.persist_to(tmp_path)
    job = world.push(PushItem.of("x", 0))
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
        world.push(PushItem.of(n, n), queue="nowhere")
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


def test_what_expired_stays_so_and_can_be_replayed(tmp_path: Path) -> None:
    """Before the end of its window the errors are known, and after it how it ended."""
    world = World(async_events__retention_hours=0.01, async_events__extension_hours=0.01)
    world.persist_to(tmp_path)
    world.push(PushItem.of("x", 0))
    world.advance_to(0)
    while world.started and not world.bodies_of(r.EventExpired):
        world.end_invocation(PlatformError(BOOM.error))
        world.restart()
        world.advance_to(world.engine.next_wakeup() or world.now)
    (end,) = world.bodies_of(r.EventExpired)
    assert end.age_ms == 72_000
    world.restart()
    (kept,) = world.engine.queue_admin.dropped
    assert (kept.delivery.state, kept.reason, kept.at) == ("expired", "retention_window", 72_000)
    assert world.engine.pending == 0
    assert world.engine.queue_admin.replay_deliveries([end.event_id], world.engine.app, world.now)
    world.collect()
    assert world.bodies_of(r.EventPushed)[-1].replay_of == end.event_id


def test_a_paused_queue_stays_paused(world: World) -> None:
    """Its events wait in line until it goes on."""
    world.engine.queue_admin.pause_queue("work", 0)
    world.push(PushItem.of("x", 1))
    world.advance_to(1_000)
    world.restart(away_ms=60_000)
    world.advance_to(world.now)
    assert not world.started
    world.engine.queue_admin.resume_queue("work", world.now)
    world.collect()
    assert started(world).attempt == 1
    world.restart()
    assert world.engine.queue_admin.pauses.queues == ()


@pytest.mark.parametrize("ended", [0, 1])
def test_an_open_job_counts_its_events(world: World, ended: int) -> None:
    """Whether any of them had ended when the emulator was killed or not."""
    job = world.push(PushItem.of("x", 0), PushItem.of("y", 60))
    world.advance_to(0)
    for _ in range(ended):
        world.end_invocation()
    world.collect()
    world.restart()
    assert world.engine.job_stats(job) == JobStats(ended, 2 - ended, 0)


def test_a_cancelled_job_stays_cancelled(world: World) -> None:
    """What of it ran when the emulator was killed is not retried."""
    job = world.push(PushItem.of("x", 0), PushItem.of("y", 60))
    world.advance_to(0)
    world.engine.cancel_job(job, None, 0)
    world.collect()
    world.restart()
    world.advance_to(world.now)
    world.end_invocation(RetryRequested(1))
    assert len(world.bodies_of(r.EventCancelled)) == 2
    assert world.engine.pending == 0


def restored(saved: EngineSnapshot, now: int = 0) -> World:
    """A world that goes on from `saved`."""
    world = World()
    world.engine.restore(saved, now, away_ms=0, clean=True)
    world.collect()
    return world


@pytest.mark.parametrize(("due_at", "overdue"), [(9, 1), (10, 1), (11, 0)])
def test_what_is_due_when_the_emulator_starts_is_overdue(due_at: int, overdue: int) -> None:
    """Something that is due right then is as well."""
    progress = DeliveryProgress("scheduled", due_at)
    saved = EngineSnapshot(0, 7, INSTALLATION, deliveries={1: (queued_event().whole(), progress)})
    world = restored(saved, 10)
    (restarted,) = world.bodies_of(r.EmulatorRestarted)
    assert (restarted.overdue, restarted.pending) == (overdue, 1)
    assert world.records[0].seq == 8


def test_the_last_cost_of_an_instant_is_all_of_it() -> None:
    """However often it was saved; a limit that is no more has none."""
    name = "limits.push.events_per_minute"
    costs = [QuotaCost(name, 5, 1), QuotaCost("gone", 5, 9), QuotaCost(name, 0, 2)]
    saved = EngineSnapshot(5, 0, INSTALLATION, uses=[*costs, QuotaCost(name, 5, 4)])
    saved.figures[name] = QuotaUse(3, 9, 20, 0)
    (usage,) = (u for u in restored(saved).engine.usage(5) if u.name == name)
    assert (usage.used, usage.hits, usage.peak) == (6, 3, 9)


def test_a_running_delivery_of_which_no_attempt_is_known_is_delivered_again() -> None:
    """There is no invocation whose end could be recorded."""
    progress = DeliveryProgress("running", 0, attempts=1)
    saved = EngineSnapshot(0, 0, INSTALLATION, deliveries={1: (queued_event().whole(), progress)})
    world = restored(saved)
    assert not world.bodies_of(r.InvocationFinished)
    assert started(world).attempt == 2


def test_an_interrupted_invocation_took_no_less_than_no_time() -> None:
    """It may have begun after the last instant that was saved."""
    attempt = SavedInvocation("i", "work", 9)
    progress = DeliveryProgress("running", 0, attempts=1, attempt=attempt)
    saved = EngineSnapshot(5, 0, INSTALLATION, deliveries={1: (queued_event().whole(), progress)})
    (end,) = restored(saved, 10).bodies_of(r.InvocationFinished)
    assert (end.invocation_id, end.outcome, end.duration_ms) == ("i", "platform_error", 0)
