"""A pushed event is delivered when due, retried when asked, and ends exactly once."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from forge_emu import records as r
from forge_emu.model import (
    HOUR,
    Consumer,
    ErrorReport,
    OutOfMemory,
    PlatformError,
    PushItem,
    RetryRequested,
    Success,
)
from tests.engine.world import BOOM, World, app, run_now

REPORT = ErrorReport("Error", "boom")


def test_an_event_is_delivered_when_its_delay_has_passed() -> None:
    """Half a second's delay is half a second, to the millisecond."""
    world = World()
    world.push(PushItem({"a": 1}, 0.5))
    assert not world.advance_to(499).started
    invocation = world.advance_to(500).next_invocation()
    assert invocation.event == {
        "queueName": "work",
        "jobId": "job1",
        "eventId": invocation.event_id,
        "body": {"a": 1},
        "delayInSeconds": 0.5,
    }
    assert set(invocation.context) == {"installContext", "installation", "workspaceId"}


def test_a_success_ends_it() -> None:
    """pushed, started, finished, succeeded: one record each."""
    world = World()
    world.push(PushItem({}))
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
    world.push(PushItem({}))
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
    world.push(PushItem({}))
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
    world.push(PushItem({}))
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
    world.push(PushItem({}))
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
    world.push(PushItem({}))
    world.advance_to(24 * HOUR + 1)
    world.engine.queue_admin.resume_delivery(world.now)
    world.collect()
    assert not world.started
    assert world.bodies_of(r.EventDropped)[0].reason == "retention_window"


def test_a_handler_that_takes_too_long_is_timed_out_and_retried() -> None:
    """55 s by default; its late end is of no interest."""
    world = World()
    world.push(PushItem({}))
    world.advance_to(54_999)
    assert not world.aborted
    world.advance_to(55_000)
    late = world.next_invocation()
    assert world.aborted == [late.invocation_id]
    (finished,) = world.bodies_of(r.InvocationFinished)
    assert (finished.outcome, finished.duration_ms) == ("timeout", 55_000)
    assert finished.error.message == "Function timed out. Limit of 55.00 seconds"
    assert world.bodies_of(r.RetryScheduled)[0].retry_reason == "FUNCTION_TIME_OUT"
    world.engine.end_invocation(late.invocation_id, Success(), world.now)
    world.collect()
    assert not world.bodies_of(r.EventSucceeded)


@pytest.mark.parametrize(("declared", "used"), [(None, 55_000), (900_000, 900_000), (1000, 1000)])
def test_a_declared_timeout_counts(declared: int | None, used: int) -> None:
    """`timeoutSeconds` of the function decides."""
    world = World(app(timeout_ms=declared))
    world.push(PushItem({}))
    assert world.advance_to(0).next_invocation().timeout_ms == used


def test_an_instance_that_broke_is_not_used_again() -> None:
    """After a success the next invocation is warm, after running out of memory it is cold."""
    world = World()
    for _ in range(3):
        world.push(PushItem({}))
    world.engine.queue_admin.pause_delivery()
    world.advance_to(0)
    starts = []
    for outcome in (Success(), OutOfMemory(REPORT), Success()):
        world.engine.delivery_loop.deliver_next(world.now)
        world.collect()
        starts.append(world.end_invocation(outcome))
    assert [x.cold_start for x in starts] == [True, False, True]
    assert starts[0].instance == starts[1].instance != starts[2].instance


def test_retry_data_over_its_limit_counts_as_an_error() -> None:
    """4 KB pass, one byte more is an error that says so."""
    world = World()
    world.push(PushItem({}), PushItem({}))
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
    world.push(PushItem({}))
    world.advance_to(0).end_invocation(RetryRequested(1, "OK", "x", 5000))
    assert world.advance_to(1000).next_invocation().event["retryContext"]["retryData"] is None


def test_a_clamped_wait_is_recorded() -> None:
    """What the app asked for stands beside what it got."""
    world = World()
    world.push(PushItem({}))
    world.advance_to(0).end_invocation(RetryRequested(3600))
    (retry,) = world.bodies_of(r.RetryScheduled)
    assert (retry.retry_after_ms, retry.clamped_from_ms, retry.asked_by) == (
        900_000,
        3_600_000,
        "app",
    )


def test_an_event_without_a_consumer_is_accepted_warned_of_and_dropped() -> None:
    """The push succeeds; one warning per queue names the remedy."""
    world = World()
    world.push(PushItem({}), PushItem({}), queue="nowhere")
    world.push(PushItem({}), queue="nowhere")
    world.advance_to(0)
    assert [x.reason for x in world.bodies_of(r.EventDropped)] == ["no_consumer"] * 3
    (warning,) = world.bodies_of(r.Log)
    assert "'nowhere' has no consumer" in warning.message


def test_one_retry_chain_in_one_step_runs_each_at_its_time() -> None:
    """Waking in the far future still delivers in order, each due when it said."""
    world = World(async_events__max_retries=None)
    world.push(PushItem({}))
    times = []
    while world.now < 10_000:
        world.advance_to(world.engine.next_wakeup() or 0)
        if world.started:
            times.append(world.now)
            world.end_invocation(RetryRequested(1))
    assert times == [n * 1000 for n in range(11)]


def test_events_due_together_come_in_a_shuffle_that_the_seed_repeats() -> None:
    """The same seed gives the same order, another seed another, and fifo the order pushed."""

    def order(seed: int, **overrides: Any) -> list[int]:
        world = World(seed=seed, **overrides)
        world.push(*(PushItem(n) for n in range(30)))
        return [x.event["body"] for x in world.advance_to(0).started]

    assert order(1) == order(1) != order(2)
    assert sorted(order(1)) == list(range(30)) == order(1, delivery__order="fifo")


def test_no_more_run_at_once_than_there_are_instances() -> None:
    """The rest waits in line and starts as instances come free."""
    world = World(delivery__max_instances=3)
    world.push(*(PushItem(n) for n in range(5)))
    world.advance_to(0)
    assert len(world.started) == world.engine.running == 3
    world.end_invocation()
    assert world.engine.running == 3
    assert world.engine.pending == 4


def test_old_resolver_consumers_get_their_call_form() -> None:
    """The method, the payload and the retry context inside it."""
    old = Consumer("consumer", "work", "work", "on-event", 1)
    world = World(msgspec.structs.replace(app(), consumers=(old,)))
    world.push(PushItem({"a": 1}))
    call = world.advance_to(0).end_invocation(BOOM).event["call"]
    assert call == {"functionKey": "on-event", "payload": {"a": 1}, "jobId": "job1"}
    payload = world.advance_to(10_000).next_invocation().event["call"]["payload"]
    assert payload["a"] == 1
    assert payload["retryContext"]["retryCount"] == 1


def test_by_hand_one_is_delivered_and_a_wait_is_skipped() -> None:
    """Pause holds, step delivers one, run_now skips the wait of one event."""
    world = World()
    world.engine.queue_admin.pause_delivery()
    world.push(PushItem(1), PushItem(2))
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


def test_an_invocation_says_how_long_it_may_take() -> None:
    """The timeout that the engine will hold it to."""
    world = World()
    world.send_product_event()
    world.push(PushItem({}))
    world.advance_to(0)
    assert [body.timeout_ms for body in world.bodies_of(r.InvocationStarted)] == [25_000, 55_000]


@pytest.mark.parametrize(("size", "said"), [(0, None), (17, 17), (5_000, 5_000)])
def test_the_size_of_retry_data_is_recorded(size: int, said: int | None) -> None:
    """Whether it is kept or not."""
    world = World()
    world.push(PushItem({}))
    world.advance_to(0).end_invocation(RetryRequested(1, "OK", "x" if size else None, size))
    assert world.bodies_of(r.InvocationFinished)[0].retry_data_bytes == said
