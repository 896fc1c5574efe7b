"""Emulated time goes from one due time to the next, and never over one."""

from __future__ import annotations

import asyncio

from forge_emu.model import RetryRequested
from forge_emu.ports import InvocationHeldUp
from forge_emu.records import InvocationFinished
from tests.emulator.harness import (
    LoopHarness,
    in_event_loop,
    record_times,
    run_scheduled_turns,
    virtual_harness,
)


@in_event_loop
async def test_time_is_skipped_only_when_no_handler_runs() -> None:
    """The wish is kept until the running one has ended."""
    harness = LoopHarness()
    harness.add_batch(2)
    harness.loop.run_turn()
    harness.end_invocation(RetryRequested(600))
    assert harness.loop.clock_driver.next_event_due() == 600_000
    harness.loop.move_clock_to(600_000)
    assert harness.clock.instant == 0
    harness.end_invocation()
    assert harness.clock.instant == 600_000
    assert len(harness.runtime.invoked) == 1
    harness.end_invocation()
    assert harness.loop.clock_driver.next_event_due() is None
    assert harness.loop.clock_driver.goal is None


@in_event_loop
async def test_virtual_time_goes_from_one_due_time_to_the_next() -> None:
    """Without anybody's help, and never beyond one."""
    harness = virtual_harness()
    harness.add_batch(3, 1_000)
    harness.loop.run_turn()
    for _ in range(3):
        await run_scheduled_turns()
        harness.end_invocation()
    await run_scheduled_turns()
    started = [at for at, type in record_times(harness) if type == "invocation.started"]
    assert started == [0, 1000, 2000]
    assert harness.clock.instant == 2000


@in_event_loop
async def test_virtual_time_stands_still_while_a_round_is_under_way() -> None:
    """Nothing happens but what the round says."""
    harness = virtual_harness()
    harness.add_batch(2, 1_000)
    harness.loop.run_turn()
    await run_scheduled_turns()
    assert harness.clock.instant == 0
    harness.add_batch(1)
    harness.loop.run_turn()
    await run_scheduled_turns()
    assert len(harness.runtime.invoked) == 1
    harness.runtime.busy = False
    harness.loop.receive_messages([])
    assert len(harness.runtime.invoked) == 2
    harness.loop.stop()


@in_event_loop
async def test_virtual_time_stops_at_timers_and_at_timeouts() -> None:
    """A handler's timer, and then the end of its time."""
    harness = virtual_harness(sleeping=True)
    harness.add_batch(1)
    harness.runtime.timers = [700, 24_000]
    harness.loop.run_turn()
    await run_scheduled_turns()
    assert harness.runtime.flushed_at[:4] == [0, 700, 24_000, 25_000]
    assert harness.runtime.aborted[0] == harness.runtime.invoked[0].invocation_id
    harness.loop.stop()


@in_event_loop
async def test_held_virtual_time_moves_only_when_told() -> None:
    """Pausing the clock or delivery holds it; an advance goes to its goal and no further."""
    harness = virtual_harness()
    harness.clock.stop(0)
    harness.add_batch(5, 1_000)
    harness.loop.run_turn()
    await run_scheduled_turns()
    assert harness.clock.instant == 0
    harness.end_invocation()
    harness.loop.move_clock_to(2_500)
    for _ in range(2):
        await run_scheduled_turns()
        harness.end_invocation()
    await run_scheduled_turns()
    assert (harness.clock.instant, harness.loop.clock_driver.goal) == (2_500, None)
    harness.engine.queue_admin.pause_delivery()
    harness.clock.resume()
    harness.loop.run_turn()
    await run_scheduled_turns()
    assert harness.clock.instant == 2_500
    harness.engine.queue_admin.resume_delivery(2_500)
    harness.loop.run_turn()
    await run_scheduled_turns()
    assert harness.clock.instant == 3_000
    harness.loop.stop()


@in_event_loop
async def test_a_drain_moves_virtual_time_for_what_runs_and_no_longer() -> None:
    """A sleeping handler comes to its end; retries stay where they are."""
    harness = virtual_harness(sleeping=True)
    harness.add_batch(2)
    harness.clock.stop(0)
    harness.loop.run_turn()
    harness.end_invocation(RetryRequested(600))
    harness.runtime.timers = [5_000]
    harness.loop.drain()
    await run_scheduled_turns()
    assert harness.clock.instant >= 5_000
    assert harness.engine.running == 0
    now = harness.clock.instant
    await run_scheduled_turns()
    assert harness.clock.instant == now < 600_000
    assert harness.engine.pending == 2


@in_event_loop
async def test_time_moves_on_until_all_has_settled() -> None:
    """Step by step, each at its own time, and waiting for what runs."""
    harness = LoopHarness()
    harness.add_batch(3, 60_000)
    harness.loop.move_clock_until_idle()
    for _ in range(3):
        assert harness.loop.clock_driver.moving_until_idle
        await run_scheduled_turns()
        harness.end_invocation()
    assert not harness.loop.clock_driver.moving_until_idle
    started = [at for at, type in record_times(harness) if type == "invocation.started"]
    assert started == [0, 60_000, 120_000]


@in_event_loop
async def test_a_clock_that_stood_still_does_so_again_when_all_has_settled() -> None:
    """One that was moved until idle was not resumed."""
    harness = virtual_harness()
    harness.clock.stop(0)
    harness.add_batch(2, 60_000)
    harness.loop.move_clock_until_idle()
    for _ in range(2):
        await run_scheduled_turns()
        harness.end_invocation()
    assert (harness.clock.instant, harness.clock.paused) == (60_000, True)


@in_event_loop
async def test_the_farther_of_two_goals_counts() -> None:
    """Who asked for it waits for it."""
    harness = LoopHarness()
    harness.add_batch(1)
    harness.loop.run_turn()
    for goal in (9_000, 5_000):
        harness.loop.move_clock_to(goal)
        assert harness.loop.clock_driver.goal == 9_000
    harness.end_invocation()
    assert (harness.clock.instant, harness.loop.clock_driver.goal) == (9_000, None)


@in_event_loop
async def test_a_goal_that_has_passed_is_none() -> None:
    """Time never goes back."""
    harness = LoopHarness()
    harness.clock.instant = 9_000
    harness.loop.move_clock_to(5_000)
    assert (harness.clock.instant, harness.loop.clock_driver.goal) == (9_000, None)


@in_event_loop
async def test_planned_waiting_and_running_work_is_not_settled() -> None:
    """Each of them alone is enough."""
    harness = LoopHarness()
    driver = harness.loop.clock_driver
    assert driver.is_settled()
    harness.add_batch(1)
    assert not driver.is_settled()
    harness.loop.run_turn()
    assert not driver.is_settled()
    harness.end_invocation(RetryRequested(600))
    assert (harness.engine.running, driver.is_settled()) == (0, False)
    harness.loop.stop()


@in_event_loop
async def test_who_waits_for_an_instant_is_told_though_nothing_is_due_at_it() -> None:
    """Such as the last instant of a simulation, with the next event beyond it."""
    harness = virtual_harness()
    harness.add_batch(2, 60_000)
    harness.clock.stop(0)
    there = harness.loop.wait_until(lambda: harness.clock.now() >= 20_000)
    waiting = asyncio.create_task(there)
    harness.loop.move_clock_to(20_000)
    await run_scheduled_turns()
    harness.end_invocation()
    await asyncio.wait_for(waiting, 10)
    assert (harness.clock.instant, harness.pending_batches.unsent) == (20_000, 1)
    harness.loop.stop()


class StoppedProcess:
    """The time of the event loop, and that of the app, of a process that others stop."""

    def __init__(self, harness: LoopHarness) -> None:
        self._harness = harness
        self._now = 100.0
        asyncio.get_running_loop().time = lambda: self._now  # type: ignore[method-assign]

    def pass_time(self, seconds: float) -> None:
        """So much passes, and nothing of the process runs meanwhile."""
        self._now += seconds
        self._harness.clock.instant += round(seconds * 1000)


@in_event_loop
async def test_a_stopped_process_is_no_timeout_of_a_handler() -> None:
    """Its deadline is put off, whether a turn or a message comes first, and its time is its own."""
    harness = LoopHarness()
    process = StoppedProcess(harness)
    harness.add_batch(2)
    harness.loop.run_turn()
    process.pass_time(0.2)
    harness.loop.run_turn()
    process.pass_time(600.25)
    harness.loop.run_turn()
    assert harness.runtime.aborted == []
    process.pass_time(0.5)
    harness.end_invocation()
    process.pass_time(120.25)
    harness.end_invocation()

    ended = [r.body for r in harness.records if isinstance(r.body, InvocationFinished)]
    assert [body.outcome for body in ended] == ["success", "success"]
    assert [body.waited_ms for body in ended] == [600_000, 720_000]
    assert [body.duration_ms for body in ended] == [950, 1_200]


@in_event_loop
async def test_a_handler_that_waits_for_a_processor_is_given_the_time() -> None:
    """Its own invocation alone, and never more than has passed."""
    harness = LoopHarness()
    harness.add_batch(2)
    harness.loop.run_turn()
    first, second = (i.invocation_id for i in harness.runtime.invoked)
    harness.clock.instant += 20_000
    harness.loop.receive_messages([InvocationHeldUp(first, 12_000)])
    assert harness.engine.lag(harness.clock.now()) == 12_000
    harness.clock.instant += 6_000
    harness.loop.run_turn()
    assert harness.runtime.aborted == [second]
    harness.loop.receive_messages([InvocationHeldUp(second, 50), InvocationHeldUp(first, 90_000)])
    harness.end_invocation()

    ended = [r.body for r in harness.records if isinstance(r.body, InvocationFinished)]
    assert [body.outcome for body in ended] == ["timeout", "success"]
    assert (ended[1].waited_ms, ended[1].duration_ms) == (26_000, 0)


@in_event_loop
async def test_a_handler_that_is_slow_itself_times_out() -> None:
    """The process runs all the time: what passes is the handler's."""
    harness = LoopHarness()
    process = StoppedProcess(harness)
    harness.add_batch(1)
    harness.loop.run_turn()
    for _ in range(30):
        process.pass_time(0.9)
        harness.loop.run_turn()
    assert len(harness.runtime.aborted) == 1
