"""A pushed event is delivered when due, retried when asked, and ends exactly once."""

from __future__ import annotations

from typing import Any

import pytest

from forge_emu import records as r
from forge_emu.model import (
    HOUR,
    ErrorReport,
    Outcome,
    PlatformError,
    PushItem,
    RetryRequested,
    Success,
)
from tests.engine.world import BOOM, World, app, open_fields, run_now

REPORT = ErrorReport("Error", "boom")


def test_a_success_ends_it() -> None:
    """pushed, started, finished, succeeded: one record each."""
    world = World()
    world.push(PushItem.of({}))
    world.advance_to(0).now = 70
    world.end_invocation()
    assert world.record_types() == [
        "event.pushed",
        "invocation.started",
        "invocation.finished",
        "event.succeeded",
    ]
    (end,) = world.bodies_of(r.EventSucceeded)
    assert (end.attempts, end.age_ms) == (1, 70)
    assert world.engine.pending == 0


def test_a_retry_comes_exactly_when_it_was_asked_for() -> None:
    """The retry context says how often, why, with what, and how long there is."""
    world = World()
    world.push(PushItem.of({}))
    first = world.advance_to(0).end_invocation(RetryRequested(30, "BUSY", {"page": 2}))
    assert "retryContext" not in first.event
    assert not world.advance_to(29_999).started
    again = world.advance_to(30_000).next_invocation()
    assert again.attempt == 2
    assert again.event["retryContext"] == {
        "retryCount": 1,
        "retryReason": "BUSY",
        "retryData": {"page": 2},
        "retentionWindow": {
            "startTime": "2023-11-14T22:13:20.000Z",
            "remainingTimeMs": 24 * HOUR - 30_000,
        },
    }


def test_after_four_retries_an_event_is_dropped() -> None:
    """Five attempts, then a drop for max_retries."""
    world = World()
    world.push(PushItem.of({}))
    for attempt in range(5):
        assert (
            world.advance_to(world.now + 1000).end_invocation(RetryRequested(1)).attempt
            == attempt + 1
        )
    (end,) = world.bodies_of(r.EventDropped)
    assert (end.reason, end.attempts) == ("max_retries", 5)
    assert [x.retry_count for x in world.bodies_of(r.RetryScheduled)] == [1, 2, 3, 4]


def test_platform_errors_are_not_counted() -> None:
    """Ten of them leave the retry count at 0 and extend the window."""
    world = World()
    world.push(PushItem.of({}))
    world.advance_to(0)
    for _ in range(10):
        world.end_invocation(PlatformError(REPORT))
        world.advance_to(world.engine.next_wakeup() or 0)
    context = world.next_invocation().event["retryContext"]
    assert context["retryCount"] == 0
    assert context["retentionWindow"]["remainingTimeMs"] == 96 * HOUR - world.now


def test_an_event_is_dropped_at_the_very_end_of_its_window() -> None:
    """With retries without end and 900 s between them: 96 attempts, dropped at 24 h."""
    world = World(async_events__max_retries=None)
    world.push(PushItem.of({}))
    attempts = 0
    while not world.bodies_of(r.EventDropped):
        world.advance_to(world.engine.next_wakeup() or 0)
        if world.started:
            attempts += 1
            world.end_invocation(RetryRequested(900))
    (end,) = world.bodies_of(r.EventDropped)
    assert (end.reason, end.age_ms) == ("retention_window", 24 * HOUR)
    assert end.attempts == attempts == 97
    assert world.engine.pending == 0


def test_an_event_that_missed_its_window_in_line_is_dropped() -> None:
    """While delivery is paused the window goes on."""
    world = World()
    world.engine.queue_admin.pause_delivery()
    world.push(PushItem.of({}))
    world.advance_to(24 * HOUR + 1)
    world.engine.queue_admin.resume_delivery(world.now)
    world.collect()
    assert not world.started
    assert world.bodies_of(r.EventDropped)[0].reason == "retention_window"


def test_retry_data_over_its_limit_counts_as_an_error() -> None:
    """4 KB pass, one byte more is an error that says so."""
    world = World()
    world.push(PushItem.of({}), PushItem.of({}))
    world.advance_to(0)
    world.end_invocation(RetryRequested(1, "OK", "x", 4096))
    world.end_invocation(RetryRequested(1, "OK", "x", 4097))
    good, bad = world.bodies_of(r.InvocationFinished)
    assert good.outcome == "retry_requested"
    assert (bad.outcome, bad.error.name) == ("error", "RetryDataTooLarge")
    assert "limits.push.retry_data_kb" in bad.error.message


def test_retry_data_over_its_limit_can_be_left_out_instead() -> None:
    """The setting `drop` retries without the data."""
    world = World(async_events__retry_data_over_limit="drop")
    world.push(PushItem.of({}))
    world.advance_to(0).end_invocation(RetryRequested(1, "OK", "x", 5000))
    assert world.advance_to(1000).next_invocation().event["retryContext"]["retryData"] is None


def test_a_clamped_wait_is_recorded() -> None:
    """What the app asked for stands beside what it got."""
    world = World()
    world.push(PushItem.of({}))
    world.advance_to(0).end_invocation(RetryRequested(3600))
    (retry,) = world.bodies_of(r.RetryScheduled)
    assert (retry.retry_after_ms, retry.clamped_from_ms, retry.asked_by) == (
        900_000,
        3_600_000,
        "app",
    )


def test_events_due_together_come_in_a_shuffle_that_the_seed_repeats() -> None:
    """The same seed gives the same order, another seed another, and fifo the order pushed."""

    def order(seed: int, **overrides: Any) -> list[int]:
        world = World(seed=seed, **overrides)
        world.push(*(PushItem.of(n) for n in range(30)))
        return [x.event["body"] for x in world.advance_to(0).started]

    assert order(1) == order(1) != order(2)
    assert sorted(order(1)) == list(range(30)) == order(1, delivery__order="fifo")


@pytest.mark.parametrize("late", [-1, 0, 1])
def test_in_line_an_event_waits_up_to_the_end_of_its_window(late: int) -> None:
    """At the very end it is still delivered, a millisecond later it is dropped."""
    world = World()
    world.engine.queue_admin.pause_delivery()
    world.push(PushItem.of({}))
    world.advance_to(24 * HOUR + late)
    world.engine.queue_admin.resume_delivery(world.now)
    world.collect()
    assert len(world.started) == (late <= 0)
    assert len(world.bodies_of(r.EventDropped)) == (late > 0)


@pytest.mark.parametrize(("wait", "dropped"), [(359.999, False), (360, False), (360.001, True)])
def test_a_deferral_past_the_window_is_a_drop_at_its_end(wait: float, dropped: bool) -> None:
    """The window is 360 s: due at its end an event still gets the slot that is free by then."""
    world = World(
        app(timeout_ms=900_000),
        async_events__retention_hours=0.1,
        async_events__concurrency_release_seconds=0,
        async_events__concurrency_backoff__first_seconds=wait,
        async_events__concurrency_backoff__jitter=0,
    )
    for n in range(2):
        world.push(PushItem.of(n, 0, {"key": "a", "limit": 1}))
    world.advance_to(0)
    assert len(world.bodies_of(r.EventDeferred)) == (not dropped)
    assert world.engine.next_delivery_due() == min(round(wait * 1000), 360_000)
    world.advance_to(359_000).end_invocation()
    world.advance_to(360_000)
    assert len(world.started) == (not dropped)
    assert len(world.bodies_of(r.EventDropped)) == dropped


def test_a_deferred_event_waits_at_least_a_millisecond() -> None:
    """Otherwise the engine would try it again and again at one instant."""
    world = World(
        async_events__concurrency_backoff__first_seconds=0,
        async_events__concurrency_backoff__jitter=1,
    )
    for n in range(2):
        world.push(PushItem.of(n, 0, {"key": "a", "limit": 1}))
    world.advance_to(0)
    (deferred,) = world.bodies_of(r.EventDeferred)
    assert deferred.due_at >= 1


def test_a_deferral_that_led_to_an_attempt_is_forgotten() -> None:
    """The next time it waits for its key from the shortest wait on."""
    world = World(
        async_events__concurrency_release_seconds=0,
        async_events__concurrency_backoff__first_seconds=1,
        async_events__concurrency_backoff__factor=2,
        async_events__concurrency_backoff__jitter=0,
    )
    key = {"key": "a", "limit": 1}
    world.push(PushItem.of("first", 0, key))
    world.advance_to(0)
    world.push(PushItem.of("second", 0, key))
    world.advance_to(2_000)
    world.end_invocation()
    world.advance_to(3_000)
    world.end_invocation(RetryRequested(1))
    world.push(PushItem.of("third", 0, key))
    world.advance_to(4_000)
    waits = [x.due_at for x in world.bodies_of(r.EventDeferred)]
    assert waits == [1_000, 3_000, 5_000]


@pytest.mark.parametrize(("outcome", "end"), [(Success(), "success"), (BOOM, "cancelled")])
def test_what_ran_when_its_job_was_cancelled_is_not_retried(outcome: Outcome, end: str) -> None:
    """Its success counts all the same."""
    world = World()
    job = world.push(PushItem.of({}))
    world.advance_to(0)
    world.engine.cancel_job(job, None, 0)
    world.end_invocation(outcome)
    assert len(world.bodies_of(r.EventSucceeded)) == (end == "success")
    assert len(world.bodies_of(r.EventCancelled)) == (end == "cancelled")
    assert not world.bodies_of(r.RetryScheduled)
    assert world.engine.next_wakeup() is None


def test_without_a_limit_retry_data_of_any_size_is_kept() -> None:
    """Preset `off`."""
    world = World(preset="off")
    world.push(PushItem.of({}))
    world.advance_to(0).end_invocation(RetryRequested(1, "OK", "x", 10**9))
    assert world.bodies_of(r.InvocationFinished)[0].outcome == "retry_requested"
    assert world.advance_to(1_000).next_invocation().event["retryContext"]["retryData"] == "x"


def test_an_event_that_is_given_up_waits_for_the_end_of_its_window() -> None:
    """A retry would come too late: until then it can still be cancelled."""
    world = World(async_events__retention_hours=0.1)
    for _ in range(2):
        world.push(PushItem.of({}))
    world.advance_to(0)
    for _ in range(2):
        world.end_invocation(RetryRequested(900))
    states = [each["state"] for each in open_fields(world.engine)]
    assert (states, world.engine.next_wakeup()) == (["waiting", "waiting"], 360_000)
    world.engine.cancel_job("job1", None, 0)
    assert not world.advance_to(359_999).bodies_of(r.EventDropped)
    (end,) = world.advance_to(360_000).bodies_of(r.EventDropped)
    assert (end.reason, end.attempts, end.age_ms) == ("retention_window", 1, 360_000)


def test_waits_after_platform_errors_double_by_themselves() -> None:
    """However few retries are counted."""
    world = World(async_events__backoff__jitter=0)
    world.push(PushItem.of({}))
    world.advance_to(0)
    for _ in range(3):
        world.end_invocation(PlatformError(REPORT))
        world.advance_to(world.engine.next_wakeup() or 0)
    world.end_invocation(BOOM)
    scheduled = world.bodies_of(r.RetryScheduled)
    assert [x.retry_after_ms for x in scheduled] == [5_000, 10_000, 20_000, 5_000]


@pytest.mark.parametrize("due_in", [0, 60])
def test_what_ended_before_its_time_does_not_come(due_in: int) -> None:
    """Neither out of the line nor at its due time; nothing is scheduled for it any more."""
    world = World()
    world.engine.queue_admin.pause_delivery()
    job = world.push(PushItem.of({}, due_in))
    world.advance_to(0)
    world.engine.cancel_job(job, None, 0)
    assert world.engine.next_wakeup() is None
    world.engine.queue_admin.resume_delivery(0)
    assert not world.advance_to(60_000).started
    assert world.engine.pending == 0


def test_what_is_run_now_does_not_come_again_at_its_due_time() -> None:
    """It has been delivered by then, or is still being handled."""
    world = World(app(timeout_ms=900_000))
    world.push(PushItem.of({}, 60))
    (waiting,) = open_fields(world.engine)
    run_now(world.engine, str(waiting["event_id"]), 0)
    world.collect()
    assert len(world.started) == 1
    assert len(world.advance_to(60_000).started) == 1
