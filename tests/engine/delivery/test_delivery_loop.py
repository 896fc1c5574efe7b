"""What is due starts, what takes too long is aborted, what has ended is decided."""

from __future__ import annotations

import pytest
from msgspec import structs

from forge_emu import records as r
from forge_emu.model import (
    ErrorReport,
    Outcome,
    PlatformError,
    PushItem,
    RetryRequested,
    Success,
)
from tests.engine.world import World, app


def test_a_handler_that_takes_too_long_is_timed_out_and_retried() -> None:
    """55 s by default; its late end is of no interest."""
    world = World()
    world.push(PushItem.of({}))
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


def test_what_was_ended_from_outside_is_given_up() -> None:
    """Not what has ended by itself, nor what still runs; only the last of them are remembered."""
    world = World(limits__push__events_per_minute=None, async_events__max_retries=0)
    for _ in range(3):
        world.push(PushItem.of({}))
    world.advance_to(0)
    first, second, third = (world.next_invocation().invocation_id for _ in range(3))
    world.engine.end_invocation(first, Success(), world.now)
    world.engine.end_invocation(second, PlatformError(ErrorReport("E", "gone")), world.now)
    given_up = world.engine.has_given_up
    assert [given_up(id) for id in (first, second, third, "unknown")] == [False, True, False, False]
    world.advance_to(55_000)
    assert given_up(third)


def test_one_retry_chain_in_one_step_runs_each_at_its_time() -> None:
    """Waking in the far future still delivers in order, each due when it said."""
    world = World(async_events__max_retries=None)
    world.push(PushItem.of({}))
    times = []
    while world.now < 10_000:
        world.advance_to(world.engine.next_wakeup() or 0)
        if world.started:
            times.append(world.now)
            world.end_invocation(RetryRequested(1))
    assert times == [n * 1000 for n in range(11)]


@pytest.mark.parametrize(("size", "said"), [(0, None), (17, 17), (5_000, 5_000)])
def test_the_size_of_retry_data_is_recorded(size: int, said: int | None) -> None:
    """Whether it is kept or not."""
    world = World()
    world.push(PushItem.of({}))
    world.advance_to(0).end_invocation(RetryRequested(1, "OK", "x" if size else None, size))
    assert world.bodies_of(r.InvocationFinished)[0].retry_data_bytes == said


def test_an_end_that_comes_at_the_deadline_counts() -> None:
    """Whichever is first at that instant; the timeout is taken back."""
    world = World()
    world.push(PushItem.of({}))
    world.advance_to(0).now = 55_000
    world.end_invocation()
    world.advance_to(60_000)
    assert not world.aborted
    assert [x.outcome for x in world.bodies_of(r.InvocationFinished)] == ["success"]


def test_step_by_step_one_delivery_is_started_at_a_time() -> None:
    """Until nothing is ready, or all instances are busy."""
    world = World(delivery__max_instances=2)
    world.engine.queue_admin.pause_delivery()
    world.push(*(PushItem.of(n) for n in range(3)))
    world.advance_to(0)
    loop = world.engine.delivery_loop
    assert [loop.deliver_next(0) for _ in range(3)] == [True, True, False]
    world.collect()
    assert len(world.started) == world.engine.running == 2
    world.end_invocation()
    assert len(world.started) == 1
    assert [loop.deliver_next(0) for _ in range(2)] == [True, False]


def test_a_step_goes_past_what_cannot_start() -> None:
    """What nothing handles ends, what is held waits, and the next one starts."""
    world = World(delivery__order="fifo")
    world.engine.queue_admin.pause_delivery()
    world.push(PushItem.of(1), queue="nowhere")
    world.push(PushItem.of(2))
    world.push(PushItem.of(3), queue="held")
    world.engine.queue_admin.pause_queue("work", 0)
    world.advance_to(0)
    world.send_product_event()
    assert world.engine.delivery_loop.deliver_next(0)
    world.collect()
    assert [x.module_key for x in world.started] == ["listen"]
    assert [x.queue for x in world.bodies_of(r.EventDropped)] == ["nowhere", "held"]
    assert world.engine.pending == 2


@pytest.mark.parametrize("outcome", [Success(), RetryRequested(600)])
def test_an_end_makes_room_for_the_next(outcome: Outcome) -> None:
    """At the same instant, whatever the outcome."""
    world = World(delivery__max_instances=1)
    world.push(PushItem.of(1), PushItem.of(2))
    world.advance_to(0)
    assert len(world.started) == 1
    world.end_invocation(outcome)
    assert len(world.started) == world.engine.running == 1


def _python_world(python_starts: int) -> World:
    """One whose functions are in Python, in real time: hosts say when a handler begins."""
    javascript = app()
    functions = {
        key: structs.replace(each, language="python") for key, each in javascript.functions.items()
    }
    the_app = structs.replace(javascript, functions=functions)
    world = World(the_app, delivery__python_starts=python_starts)
    world.engine.expect_begins(True)
    return world


def test_no_more_python_handlers_start_than_may_be_on_their_way() -> None:
    """The next one starts when one begins, or has ended before; none is forgotten."""
    world = _python_world(python_starts=2)
    for n in range(5):
        world.send_product_event(n)
    assert len(world.started) == 2

    world.engine.begin_invocation(world.started[0].invocation_id, world.now)
    world.collect()
    assert len(world.started) == 3

    world.end_invocation()
    assert len(world.started) == 2, "the one that has begun made room before"
    while world.started:
        world.end_invocation()
    assert len(world.bodies_of(r.ProductEventSucceeded)) == 5


def test_a_python_handler_that_never_begins_makes_room_when_it_is_lost() -> None:
    """As where its host has ended."""
    world = _python_world(python_starts=1)
    world.send_product_event(1)
    world.send_product_event(2)
    assert len(world.started) == 1
    world.end_invocation(PlatformError(ErrorReport("E", "the host process ended")))
    assert len(world.started) == 1


def test_javascript_handlers_all_start_at_once() -> None:
    """Their threads are there; so do Python's in virtual time, where nothing is said to begin."""
    world = World(delivery__python_starts=1)
    world.engine.expect_begins(True)
    virtual = _python_world(python_starts=1)
    virtual.engine.expect_begins(False)
    for each in (world, virtual):
        each.send_product_event(1)
        each.send_product_event(2)
        assert len(each.started) == 2
