"""The pump turns the engine when something comes in or is due, and hands out what comes of it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any

from forge_emu.emulator.pending_batches import MAX_EVENTS_AT_ONCE
from forge_emu.model import Json, RetryRequested, Success
from forge_emu.ports import AppRequest, DelayedMessages, HostNotice, InvocationEnded, LogLine
from tests.emulator.harness import LoopHarness
from tests.engine.world import app, open_fields


def on_a_loop(test: Callable[[], Coroutine[Any, Any, None]]) -> Callable[[], None]:
    """Run an asynchronous test."""

    @wraps(test)
    def run() -> None:
        asyncio.run(test())

    return run


async def breathe() -> None:
    """Let the loop pass a few times."""
    for _ in range(20):
        await asyncio.sleep(0)


@on_a_loop
async def test_a_planned_event_is_sent_and_invoked() -> None:
    """Everything from the plan to the runtime in one turn."""
    stage = LoopHarness()
    stage.add_batch(1)
    stage.pump.run_turn()
    (invocation,) = stage.runtime.invoked
    assert invocation.event["issue"]["key"] == "EMU-0"
    assert [r.type for r in stage.records] == ["product_event.sent", "invocation.started"]


@on_a_loop
async def test_a_burst_is_released_in_chunks() -> None:
    """So that answers and keys get their turn in between."""
    stage = LoopHarness()
    stage.add_batch(MAX_EVENTS_AT_ONCE + 1)
    stage.pump.run_turn()
    assert stage.plan.unsent == 1
    await breathe()
    assert stage.plan.unsent == 0


@on_a_loop
async def test_a_paced_batch_waits_for_its_instants() -> None:
    """One every 100 ms: three after 250 ms."""
    stage = LoopHarness()
    batch = stage.add_batch(10, 100)
    stage.clock.instant = 250
    stage.pump.run_turn()
    assert batch.sent == 3
    assert batch.next_due == 300
    stage.pump.stop()


@on_a_loop
async def test_requests_are_answered_with_the_engines_word() -> None:
    """A push through the wire comes out as an event that is due."""
    stage = LoopHarness()
    push = {"queueName": "work", "jobId": "j", "type": "avi:forge:app:event",
            "schema": "ari:cloud:ecosystem::forge/app-event-2",
            "payload": [{"body": {"a": 1}}], "time": "now"}  # fmt: skip
    answer = stage.call_service("/webhook/queue/publish/x/y", json.dumps(push), by="someone")
    assert answer.status == 201
    assert stage.runtime.invoked[0].event["body"] == {"a": 1}
    assert stage.engine.job_stats("j").in_progress == 1
    stage.end_invocation()
    assert stage.engine.job_stats("j").success == 1


@on_a_loop
async def test_what_handlers_print_becomes_records() -> None:
    """Lines of the app and of the host."""
    stage = LoopHarness()
    stage.pump.receive_messages(
        [LogLine("i", "warn", "careful"), HostNotice("error", "the host fell")]
    )
    bodies = [r.body for r in stage.records]
    assert [(b.level, b.message, b.invocation_id) for b in bodies] == [  # type: ignore[union-attr]
        ("warn", "careful", "i"),
        ("error", "the host fell", None),
    ]


@on_a_loop
async def test_a_timed_out_invocation_is_aborted() -> None:
    """The runtime is told, and the event is retried."""
    stage = LoopHarness()
    stage.add_batch(1)
    stage.pump.run_turn()
    stage.clock.instant = 25_000
    stage.pump.run_turn()
    assert stage.runtime.aborted == [stage.runtime.invoked[0].invocation_id]
    stage.pump.stop()


@on_a_loop
async def test_a_timer_turns_the_pump_when_something_is_due() -> None:
    """A millisecond of delay needs nobody's help."""
    stage = LoopHarness()
    stage.add_batch(1)
    stage.pump.run_turn()
    stage.end_invocation(RetryRequested(1))
    assert not stage.runtime.invoked
    stage.clock.instant = 999
    stage.pump.run_turn()
    stage.clock.instant = 1000
    await asyncio.wait_for(stage.pump.wait_until(lambda: bool(stage.runtime.invoked)), 10)
    stage.pump.stop()


@on_a_loop
async def test_until_returns_when_all_is_settled() -> None:
    """Nothing planned, waiting or running."""
    stage = LoopHarness()
    stage.add_batch(2)
    waiting = asyncio.create_task(stage.pump.wait_until(stage.pump.clock_driver.is_settled))
    stage.pump.run_turn()
    # The first one was settled before anything was planned.
    await breathe()
    stage.end_invocation()
    assert not stage.pump.clock_driver.is_settled()
    stage.end_invocation()
    await asyncio.wait_for(waiting, 10)
    assert stage.pump.clock_driver.is_settled()


@on_a_loop
async def test_time_is_skipped_only_when_no_handler_runs() -> None:
    """The wish is kept until the running one has ended."""
    stage = LoopHarness()
    stage.add_batch(2)
    stage.pump.run_turn()
    stage.end_invocation(RetryRequested(600))
    assert stage.pump.next_event_due() == 600_000
    stage.pump.move_clock_to(600_000)
    assert stage.clock.instant == 0
    stage.end_invocation()
    assert stage.clock.instant == 600_000
    assert len(stage.runtime.invoked) == 1
    stage.end_invocation()
    assert stage.pump.next_event_due() is None
    assert stage.pump.clock_driver.goal is None


@on_a_loop
async def test_old_code_is_retired_when_nothing_runs_on_it() -> None:
    """What was in flight finishes on the old generation."""
    stage = LoopHarness()
    stage.add_batch(1)
    stage.pump.run_turn()
    stage.pump.add_generation(2)
    stage.engine.reload_app(app(), 2, 0)
    stage.pump.run_turn()
    assert stage.runtime.retired == []
    assert stage.end_invocation().generation == 1
    assert stage.runtime.retired == [1]
    stage.add_batch(1)
    stage.pump.run_turn()
    assert stage.runtime.invoked[0].generation == 2


@on_a_loop
async def test_a_defect_stops_the_pump_and_is_reported() -> None:
    """Nothing is turned on half-done state."""
    stage = LoopHarness()

    def broken(*_: object) -> None:
        raise RuntimeError("broken")

    stage.engine.end_invocation = broken  # type: ignore[method-assign, assignment]
    stage.pump.receive_messages([InvocationEnded("x", Success())])
    assert [str(e) for e in stage.failures] == ["broken"]
    stage.add_batch(1)
    stage.pump.run_turn()
    assert not stage.runtime.invoked


def virtual(*, asleep: bool = False) -> LoopHarness:
    """A pump in virtual time, whose handlers work until they end, or are `asleep`."""
    stage = LoopHarness(virtual=True)
    stage.runtime.stays_busy = not asleep
    return stage


def ticks(stage: LoopHarness) -> list[tuple[int, str]]:
    """When what happened."""
    return [(r.at, r.type) for r in stage.records]


@on_a_loop
async def test_virtual_time_goes_from_one_due_time_to_the_next() -> None:
    """Without anybody's help, and never beyond one."""
    stage = virtual()
    stage.add_batch(3, 1_000)
    stage.pump.run_turn()
    for _ in range(3):
        await breathe()
        stage.end_invocation()
    await breathe()
    assert [at for at, type in ticks(stage) if type == "invocation.started"] == [0, 1000, 2000]
    assert stage.clock.instant == 2000


@on_a_loop
async def test_virtual_time_stands_still_while_a_round_is_under_way() -> None:
    """Nothing happens but what the round says."""
    stage = virtual()
    stage.add_batch(2, 1_000)
    stage.pump.run_turn()
    await breathe()
    assert stage.clock.instant == 0
    stage.add_batch(1)
    stage.pump.run_turn()
    await breathe()
    assert len(stage.runtime.invoked) == 1
    stage.runtime.busy = False
    stage.pump.receive_messages([])
    assert len(stage.runtime.invoked) == 2
    stage.pump.stop()


@on_a_loop
async def test_virtual_time_stops_at_timers_and_at_timeouts() -> None:
    """A handler's timer, and then the end of its time."""
    stage = virtual(asleep=True)
    stage.add_batch(1)
    stage.runtime.timers = [700, 24_000]
    stage.pump.run_turn()
    await breathe()
    assert stage.runtime.flushed_at[:4] == [0, 700, 24_000, 25_000]
    assert stage.runtime.aborted[0] == stage.runtime.invoked[0].invocation_id
    stage.pump.stop()


@on_a_loop
async def test_everything_of_an_instant_is_in_line_before_any_of_it_starts() -> None:
    """Else the first instances would always go to the first events."""
    stage = virtual()
    stage.add_batch(MAX_EVENTS_AT_ONCE + 1)
    stage.pump.run_turn()
    assert not stage.runtime.invoked
    await breathe()
    types = [r.type for r in stage.records]
    assert types[: MAX_EVENTS_AT_ONCE + 1] == ["product_event.sent"] * (MAX_EVENTS_AT_ONCE + 1)
    assert len(stage.runtime.invoked) == 64
    stage.pump.stop()


@on_a_loop
async def test_what_code_says_after_hours_is_heard_in_its_time() -> None:
    """Not before what was due in between."""
    stage = virtual()
    stage.add_batch(2, 1_000)
    stage.pump.run_turn()
    first = stage.runtime.invoked.pop(0).invocation_id
    stage.runtime.busy = False
    stage.pump.receive_messages([DelayedMessages(1_500, (InvocationEnded(first, Success()),))])
    await breathe()
    assert (1000, "invocation.started") in ticks(stage)
    stage.end_invocation()
    await breathe()
    ends = [at for at, type in ticks(stage) if type == "invocation.finished"]
    assert ends == [1_000, 1_500]
    stage.pump.stop()


@on_a_loop
async def test_held_virtual_time_moves_only_when_told() -> None:
    """Pausing the clock or delivery holds it; an advance goes to its goal and no further."""
    stage = virtual()
    stage.clock.stop(0)
    stage.add_batch(5, 1_000)
    stage.pump.run_turn()
    await breathe()
    assert stage.clock.instant == 0
    stage.end_invocation()
    stage.pump.move_clock_to(2_500)
    for _ in range(2):
        await breathe()
        stage.end_invocation()
    await breathe()
    assert (stage.clock.instant, stage.pump.clock_driver.goal) == (2_500, None)
    stage.engine.queue_admin.pause_delivery()
    stage.clock.resume()
    stage.pump.run_turn()
    await breathe()
    assert stage.clock.instant == 2_500
    stage.engine.queue_admin.resume_delivery(2_500)
    stage.pump.run_turn()
    await breathe()
    assert stage.clock.instant == 3_000
    stage.pump.stop()


@on_a_loop
async def test_a_drain_moves_virtual_time_for_what_runs_and_no_longer() -> None:
    """A sleeping handler comes to its end; retries stay where they are."""
    stage = virtual(asleep=True)
    stage.add_batch(2)
    stage.clock.stop(0)
    stage.pump.run_turn()
    stage.end_invocation(RetryRequested(600))
    stage.runtime.timers = [5_000]
    stage.pump.drain()
    await breathe()
    assert stage.clock.instant >= 5_000
    assert stage.engine.running == 0
    now = stage.clock.instant
    await breathe()
    assert stage.clock.instant == now < 600_000
    assert stage.engine.pending == 2


@on_a_loop
async def test_time_moves_on_until_all_has_settled() -> None:
    """Step by step, each at its own time, and waiting for what runs."""
    stage = LoopHarness()
    stage.add_batch(3, 60_000)
    stage.pump.move_clock_until_idle()
    for _ in range(3):
        assert stage.pump.clock_driver.moving_until_idle
        await breathe()
        stage.end_invocation()
    assert not stage.pump.clock_driver.moving_until_idle
    started = [at for at, type in ticks(stage) if type == "invocation.started"]
    assert started == [0, 60_000, 120_000]


PUSH = {"queueName": "work", "jobId": "j", "type": "avi:forge:app:event",
        "schema": "ari:cloud:ecosystem::forge/app-event-2",
        "payload": [{"body": {}, "delayInSeconds": 60}], "time": "now"}  # fmt: skip


@on_a_loop
async def test_an_answer_comes_after_its_latency_and_other_work_goes_on() -> None:
    """What was asked for is done at once; the answer is under way."""
    stage = LoopHarness(virtual=True, settings={"latency.push": "700ms", "latency.kvs": "30s"})
    stage.runtime.stays_busy = True
    stage.add_batch(2, 500)
    stage.pump.run_turn()
    stage.runtime.busy = stage.runtime.stays_busy = False
    running = stage.runtime.invoked[0].invocation_id
    options: dict[str, Json] = {"type": "fpp"}
    publish = "/webhook/queue/publish/x/y"
    body = json.dumps(PUSH)
    stage.pump.receive_messages([AppRequest(1, running, options, publish, "POST", {}, body)])
    assert "event.pushed" in [r.type for r in stage.records]
    assert stage.runtime.answers == []
    await breathe()
    assert stage.runtime.answered_at[0] == (1, 700)
    assert (500, "invocation.started") in ticks(stage)
    stage.pump.stop()


@on_a_loop
async def test_a_start_may_take_its_time_and_the_timeout_counts_from_there() -> None:
    """Event, trigger, handler: each a little later."""
    settings = {"latency.product_event": "100ms", "latency.invocation": "1s"}
    stage = LoopHarness(virtual=True, settings=settings)
    stage.add_batch(1)
    stage.pump.run_turn()
    assert open_fields(stage.engine)[0]["due_at"] == 100
    await breathe()
    assert stage.runtime.flushed_at[:2] == [1_100, 26_100]
    assert ticks(stage)[:2] == [(0, "product_event.sent"), (100, "invocation.started")]
    stage.pump.stop()


@on_a_loop
async def test_latencies_pass_in_real_time_too() -> None:
    """A timer waits for them."""
    stage = LoopHarness(settings={"latency.invocation": "5s"})
    stage.add_batch(1)
    stage.pump.run_turn()
    assert not stage.runtime.invoked
    stage.clock.instant = 5_000
    stage.pump.run_turn()
    assert len(stage.runtime.invoked) == 1
    stage.pump.stop()
