"""Runs of scheduled triggers: arguments, ends, overlaps, restarts, extra ones by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from msgspec import structs

from forge_emu import records as r
from forge_emu.model import (
    HOUR,
    MINUTE,
    SECOND,
    App,
    ErrorReport,
    Instant,
    Outcome,
    OutOfMemory,
    PlatformError,
    PushItem,
    RetryRequested,
    ScheduledTrigger,
    Success,
    TimedOut,
)
from tests.engine.world import BOOM, World, app, function

FIRST = 5 * MINUTE
GONE = ErrorReport("Error", "gone")


def scheduled_app(interval: str = "hour", *, timeout_ms: int | None = None) -> App:
    """An app whose function `tick` has a schedule."""
    plain = app()
    return structs.replace(
        plain,
        functions={**plain.functions, "tick": function("tick", timeout_ms)},
        scheduled_triggers=(ScheduledTrigger("every", "tick", interval, 1),),
    )


def loaded_world(the_app: App | None = None, **overrides: Any) -> World:
    """A world whose app has a schedule and is loaded."""
    world = World(the_app or scheduled_app(), **overrides)
    world.engine.start_app(world.now)
    return world


def run_once(world: World, outcome: Outcome = Success()) -> None:  # noqa: B008
    """The next run that is due, which ends at once."""
    due = world.engine.next_wakeup()
    assert due is not None
    world.advance_to(due)
    world.end_invocation(outcome)


def started_at(world: World) -> list[Instant]:
    """When runs were started."""
    return [x.at for x in world.records if isinstance(x.body, r.InvocationStarted)]


def ends(world: World) -> list[str]:
    """How the runs have ended."""
    return [
        getattr(x.body, "reason", "succeeded")
        for x in world.records
        if isinstance(x.body, r.CallSucceeded | r.CallFailed)
    ]


def test_time_alone_starts_it_again_and_again() -> None:
    """Nothing is pending between two runs."""
    world = loaded_world()
    for _ in range(3):
        run_once(world)

    assert started_at(world) == [FIRST, FIRST + HOUR, FIRST + 2 * HOUR]
    assert ends(world) == ["succeeded"] * 3
    assert world.engine.pending == 0
    assert world.engine.next_delivery_due() == FIRST + 3 * HOUR
    assert world.record_types() == [
        "call.received", "invocation.started", "invocation.finished", "call.succeeded",
    ] * 3  # fmt: skip


def test_a_run_belongs_to_its_schedule() -> None:
    """The records name module, function and due time."""
    world = loaded_world()
    run_once(world)
    [received] = world.bodies_of(r.CallReceived)
    [started] = world.bodies_of(r.InvocationStarted)

    assert (received.module, received.module_key) == ("scheduled_trigger", "every")
    assert (received.function, received.due_at) == ("tick", FIRST)
    assert (started.module, started.module_key) == ("scheduled_trigger", "every")
    assert started.call_id == received.call_id
    assert {x.call_id for x in world.bodies_of(r.CallSucceeded)} == {received.call_id}


def test_the_handler_is_told_which_schedule_it_is() -> None:
    """As documented: no user, and a token without a meaning."""
    world = loaded_world().advance_to(FIRST)
    invocation = world.next_invocation()
    cloud_id = world.engine.installation.cloud_id

    assert invocation.event["context"] == {"cloudId": cloud_id, "moduleKey": "every"}
    assert invocation.event["contextToken"]
    assert invocation.context["installContext"] == f"ari:cloud:jira::site/{cloud_id}"
    assert "principal" not in invocation.context


@pytest.mark.parametrize(("declared", "timeout"), [(None, 55), (900 * SECOND, 900)])
def test_a_run_has_the_time_that_the_function_declares(declared: int | None, timeout: int) -> None:
    """55 s without."""
    world = loaded_world(scheduled_app(timeout_ms=declared)).advance_to(FIRST)

    assert world.next_invocation().timeout_ms == timeout * SECOND


@pytest.mark.parametrize(
    ("outcome", "end"),
    [
        (Success(), "succeeded"),
        (RetryRequested(5, "X"), "succeeded"),
        (BOOM, "error"),
        (TimedOut(GONE), "timeout"),
        (OutOfMemory(GONE), "out_of_memory"),
        (PlatformError(GONE), "platform_error"),
    ],
)
def test_a_run_is_never_retried(outcome: Outcome, end: str) -> None:
    """The next one comes when it is due; none can be replayed."""
    world = loaded_world()
    run_once(world, outcome)

    assert ends(world) == [end]
    assert world.bodies_of(r.RetryScheduled) == []
    assert world.engine.next_wakeup() == FIRST + HOUR
    assert len(world.engine.queue_admin.dropped) == 0


def test_a_limit_of_invocations_ends_a_run() -> None:
    """It is not put off."""
    world = loaded_world(limits__invocations__per_minute=1)
    world.advance_to(FIRST - 1)
    world.push(PushItem.of({}))
    world.advance_to(FIRST)

    assert ends(world) == ["rate_limited"]


@pytest.mark.parametrize(("overlap", "running"), [("start", 2), ("skip", 1)])
def test_a_run_longer_than_its_interval(overlap: str, running: int) -> None:
    """The next one starts beside it, or is skipped and recorded."""
    the_app = scheduled_app("fiveMinute", timeout_ms=900 * SECOND)
    world = loaded_world(the_app, schedules__overlap=overlap).advance_to(FIRST + 5 * MINUTE)
    skipped = [(x.due_at, x.runs, x.reason) for x in world.bodies_of(r.ScheduleSkipped)]

    assert len(world.started) == running
    assert skipped == ([] if overlap == "start" else [(FIRST + 5 * MINUTE, 1, "running")])


def test_paused_delivery_holds_one_run_of_a_schedule() -> None:
    """Those that follow are skipped; the one that waited starts when delivery goes on."""
    world = loaded_world()
    world.engine.queue_admin.pause_delivery()
    world.advance_to(FIRST + 2 * HOUR)
    assert world.started == []
    assert [x.reason for x in world.bodies_of(r.ScheduleSkipped)] == ["waiting"] * 2

    world.engine.queue_admin.resume_delivery(world.now)
    world.collect()
    world.end_invocation()
    assert ends(world) == ["succeeded"]
    assert world.engine.next_wakeup() == FIRST + 3 * HOUR


def test_an_extra_run_by_hand_changes_no_time() -> None:
    """Whatever the regular one does."""
    world = loaded_world(schedules__overlap="skip").advance_to(MINUTE)
    id = world.engine.scheduled_runs.start_by_hand("every", world.now)
    world.engine.wake(world.now)
    world.collect()
    world.advance_to(FIRST)
    received = {x.call_id: x for x in world.bodies_of(r.CallReceived)}

    assert started_at(world) == [MINUTE, FIRST]
    assert "due_at" not in r.encode_record(world.records[0]).decode()
    assert received[id].module_key == "every"


def test_what_descends_from_time_alone_is_not_awaited() -> None:
    """But what descends from a run by hand is."""
    world = loaded_world().advance_to(FIRST)
    invocation = world.next_invocation()
    assert (world.engine.pending, world.engine.awaited) == (1, 0)

    world.push(PushItem.of({}, 60), by=invocation.invocation_id)
    world.engine.end_invocation(invocation.invocation_id, Success(), world.now)
    assert (world.engine.pending, world.engine.awaited) == (1, 0)

    world.engine.scheduled_runs.start_by_hand("every", world.now)
    assert (world.engine.pending, world.engine.awaited) == (2, 1)
    world.engine.await_all()
    assert (world.engine.pending, world.engine.awaited) == (2, 2)


def test_the_origins_of_time_are_forgotten_with_their_last_event() -> None:
    """However many runs there are."""
    world = loaded_world()
    for _ in range(20):
        run_once(world)

    assert world.engine._deliveries._origins_of_time == set()


def test_a_run_outlives_a_restart(tmp_path: Path) -> None:
    """What ran is run again, and due times are kept."""
    world = World(scheduled_app())
    world.persist_to(tmp_path)
    world.engine.start_app(world.now)
    world.advance_to(FIRST)
    assert len(world.started) == 1

    world.restart()
    world.engine.start_app(world.now)
    world.advance_to(world.now)
    assert [x.attempt for x in world.started] == [2]
    world.end_invocation()
    assert ends(world) == ["succeeded"]
    assert world.engine.next_wakeup() == FIRST + HOUR


@pytest.mark.parametrize(("missed", "runs"), [("one", 1), ("none", 0)])
def test_runs_that_were_due_while_no_emulator_ran(tmp_path: Path, missed: str, runs: int) -> None:
    """One makes up for all, or none does; the others are recorded."""
    world = World(scheduled_app(), schedules__missed=missed)
    world.persist_to(tmp_path)
    world.engine.start_app(world.now)
    world.collect()

    world.restart(away_ms=FIRST + 2 * HOUR)
    world.engine.start_app(world.now)
    world.advance_to(world.now)
    [skipped] = world.bodies_of(r.ScheduleSkipped)
    assert len(world.started) == runs
    assert (skipped.reason, skipped.due_at, skipped.runs) == ("missed", FIRST, 3 - runs)
    assert world.engine.scheduled_runs.schedules.next_due() == FIRST + 3 * HOUR


def test_a_schedule_that_is_gone_when_its_run_starts() -> None:
    """The run ends, and no other follows."""
    world = loaded_world()
    world.engine.queue_admin.pause_delivery()
    world.advance_to(FIRST)
    world.engine.reload_app(app(), 2, world.now)
    world.engine.queue_admin.resume_delivery(world.now)
    world.collect()

    assert ends(world) == ["no_schedule"]
    assert world.engine.next_wakeup() is None


def test_a_function_that_does_not_load_fails_its_runs() -> None:
    """And says so."""
    the_app = scheduled_app()
    functions = {key: each for key, each in the_app.functions.items() if key != "tick"}
    broken: Any = {"tick": object()}
    world = loaded_world(structs.replace(the_app, functions=functions, unloaded=broken))
    world.advance_to(FIRST)

    assert ends(world) == ["not_loaded"]


def test_runs_of_a_paused_schedule_are_skipped() -> None:
    """At their own times; by hand it runs, and once it is resumed it goes on."""
    world = loaded_world()
    runs = world.engine.scheduled_runs
    assert runs.set_paused(["every"], world.now, paused=True) == ["every"]
    assert runs.set_paused(["every"], world.now, paused=True) == []
    world.advance_to(FIRST)
    world.advance_to(FIRST + HOUR)
    assert started_at(world) == []
    runs.start_by_hand("every", world.now)
    world.advance_to(world.now)
    world.end_invocation()
    assert runs.set_paused(["every"], world.now, paused=False) == ["every"]
    run_once(world)

    assert world.bodies_of(r.ScheduleSkipped) == [
        r.ScheduleSkipped(module_key="every", due_at=at, runs=1, reason="paused")
        for at in (FIRST, FIRST + HOUR)
    ]
    assert [each.action for each in world.bodies_of(r.ScheduleByHand)] == ["pause", "resume"]
    assert started_at(world) == [FIRST + HOUR, FIRST + 2 * HOUR]


def test_runs_that_a_paused_schedule_has_missed_are_one_record() -> None:
    """Where time has passed over several."""
    world = loaded_world()
    world.engine.scheduled_runs.set_paused(["every"], world.now, paused=True)
    world.now = FIRST + 3 * HOUR
    world.engine.wake(world.now)
    world.collect()

    assert world.bodies_of(r.ScheduleSkipped) == [
        r.ScheduleSkipped(module_key="every", due_at=FIRST, runs=4, reason="paused")
    ]


def test_how_the_last_run_ended_is_known() -> None:
    """With its reason where it failed; an extra run counts."""
    world = loaded_world()
    planned = world.engine.scheduled_runs.schedules
    run_once(world, TimedOut(GONE))
    failed = planned.snapshot["every"]
    world.engine.scheduled_runs.start_by_hand("every", world.now)
    world.advance_to(world.now)
    world.end_invocation()

    assert (failed.last_outcome, failed.last_ended) == ("timeout", FIRST)
    assert planned.snapshot["every"].last_outcome == "succeeded"
