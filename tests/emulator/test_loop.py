"""The loop runs the engine when something comes in or is due, and passes on what comes of it."""

from __future__ import annotations

import asyncio

from forge_emu.emulator.pending_batches import MAX_EVENTS_AT_ONCE
from forge_emu.model import RetryRequested, Success
from forge_emu.ports import HostNotice, InvocationEnded, LogLine
from forge_emu.records import Log, RecordBatch
from tests.emulator.harness import (
    LoopHarness,
    in_event_loop,
    push_text,
    run_scheduled_turns,
    virtual_harness,
)
from tests.engine.world import app


@in_event_loop
async def test_a_planned_event_is_sent_and_invoked() -> None:
    """Everything from the plan to the runtime in one turn."""
    harness = LoopHarness()
    harness.add_batch(1)
    harness.loop.run_turn()
    (invocation,) = harness.runtime.invoked
    assert invocation.event["issue"]["key"] == "EMU-0"
    assert [r.type for r in harness.records] == ["product_event.sent", "invocation.started"]


@in_event_loop
async def test_a_burst_is_released_in_chunks() -> None:
    """So that answers and keys get their turn in between."""
    harness = LoopHarness()
    harness.add_batch(MAX_EVENTS_AT_ONCE + 1)
    harness.loop.run_turn()
    assert harness.pending_batches.unsent == 1
    await run_scheduled_turns()
    assert harness.pending_batches.unsent == 0


@in_event_loop
async def test_a_paced_batch_waits_for_its_instants() -> None:
    """One every 100 ms: three after 250 ms."""
    harness = LoopHarness()
    batch = harness.add_batch(10, 100)
    harness.clock.instant = 250
    harness.loop.run_turn()
    assert batch.sent == 3
    assert batch.next_due == 300
    harness.loop.stop()


@in_event_loop
async def test_requests_are_answered_with_the_engines_word() -> None:
    """A push through the wire comes out as an event that is due."""
    harness = LoopHarness()
    push = push_text({"body": {"a": 1}})
    answer = harness.call_service("/webhook/queue/publish/x/y", push, by="someone")
    assert answer.status == 201
    assert harness.runtime.invoked[0].event["body"] == {"a": 1}
    assert harness.engine.job_stats("j").in_progress == 1
    harness.end_invocation()
    assert harness.engine.job_stats("j").success == 1


@in_event_loop
async def test_what_handlers_print_becomes_records() -> None:
    """Lines of the app and of the host."""
    harness = LoopHarness()
    harness.loop.receive_messages(
        [LogLine("i", "warn", "careful"), HostNotice("error", "the host fell")]
    )
    bodies = [r.body for r in harness.records]
    assert [(b.level, b.message, b.invocation_id) for b in bodies] == [  # type: ignore[union-attr]
        ("warn", "careful", "i"),
        ("error", "the host fell", None),
    ]


@in_event_loop
async def test_a_timed_out_invocation_is_aborted() -> None:
    """The runtime is told, and the event is retried."""
    harness = LoopHarness()
    harness.add_batch(1)
    harness.loop.run_turn()
    harness.clock.instant = 25_000
    harness.loop.run_turn()
    assert harness.runtime.aborted == [harness.runtime.invoked[0].invocation_id]
    harness.loop.stop()


@in_event_loop
async def test_a_timer_runs_a_turn_when_something_is_due() -> None:
    """A millisecond of delay needs nobody's help."""
    harness = LoopHarness()
    harness.add_batch(1)
    harness.loop.run_turn()
    harness.end_invocation(RetryRequested(1))
    assert not harness.runtime.invoked
    harness.clock.instant = 999
    harness.loop.run_turn()
    harness.clock.instant = 1000
    await asyncio.wait_for(harness.loop.wait_until(lambda: bool(harness.runtime.invoked)), 10)
    harness.loop.stop()


@in_event_loop
async def test_until_returns_when_all_is_settled() -> None:
    """Nothing planned, waiting or running."""
    harness = LoopHarness()
    harness.add_batch(2)
    waiting = asyncio.create_task(harness.loop.wait_until(harness.loop.clock_driver.is_settled))
    harness.loop.run_turn()
    # The first one was settled before anything was planned.
    await run_scheduled_turns()
    harness.end_invocation()
    assert not harness.loop.clock_driver.is_settled()
    harness.end_invocation()
    await asyncio.wait_for(waiting, 10)
    assert harness.loop.clock_driver.is_settled()


@in_event_loop
async def test_old_code_is_retired_when_nothing_runs_on_it() -> None:
    """What was in flight finishes on the old generation."""
    harness = LoopHarness()
    harness.add_batch(1)
    harness.loop.run_turn()
    harness.loop.add_generation(2)
    harness.engine.reload_app(app(), 2, 0)
    harness.loop.run_turn()
    assert harness.runtime.retired == []
    assert harness.end_invocation().generation == 1
    assert harness.runtime.retired == [1]
    harness.add_batch(1)
    harness.loop.run_turn()
    assert harness.runtime.invoked[0].generation == 2


@in_event_loop
async def test_a_defect_stops_the_loop_and_is_reported() -> None:
    """Nothing is turned on half-done state."""
    harness = LoopHarness()

    def broken(*_: object) -> None:
        raise RuntimeError("broken")

    harness.engine.end_invocation = broken  # type: ignore[method-assign, assignment]
    harness.loop.receive_messages([InvocationEnded("x", Success())])
    assert [str(e) for e in harness.failures] == ["broken"]
    harness.add_batch(1)
    harness.loop.run_turn()
    assert not harness.runtime.invoked


@in_event_loop
async def test_everything_of_an_instant_is_in_line_before_any_of_it_starts() -> None:
    """Else the first instances would always go to the first events."""
    harness = virtual_harness()
    harness.add_batch(MAX_EVENTS_AT_ONCE + 1)
    harness.loop.run_turn()
    assert not harness.runtime.invoked
    await run_scheduled_turns()
    types = [r.type for r in harness.records]
    assert types[: MAX_EVENTS_AT_ONCE + 1] == ["product_event.sent"] * (MAX_EVENTS_AT_ONCE + 1)
    assert len(harness.runtime.invoked) == 64
    harness.loop.stop()


@in_event_loop
async def test_nothing_starts_before_code_is_loaded() -> None:
    """What is planned waits for it."""
    harness = LoopHarness(loaded=False)
    harness.add_batch(1)
    harness.loop.run_turn()
    assert harness.pending_batches.unsent == 1
    harness.loop.add_generation(1)
    harness.loop.run_turn()
    assert len(harness.runtime.invoked) == 1
    harness.loop.stop()


@in_event_loop
async def test_a_turn_is_persisted_before_anybody_sees_it() -> None:
    """Neither the runtime nor the readers of records are ahead of the state on disk."""
    seen: list[tuple[list[str], int, int]] = []

    def persist(batch: RecordBatch) -> None:
        types = [r.type for r in batch.records]
        seen.append((types, len(harness.records), len(harness.runtime.invoked)))

    harness = LoopHarness(persist=persist)
    harness.add_batch(1)
    harness.loop.run_turn()
    assert seen == [(["product_event.sent", "invocation.started"], 0, 0)]
    assert (len(harness.records), len(harness.runtime.invoked)) == (2, 1)
    harness.loop.stop()


@in_event_loop
async def test_what_is_answered_at_once_is_persisted_at_once() -> None:
    """Without a turn, in which other things might happen."""
    harness = LoopHarness()
    harness.add_batch(1)
    harness.engine.record(Log(level="info", message="done"), 0)
    harness.loop.persist_now()
    assert [r.type for r in harness.records] == ["log"]
    assert harness.pending_batches.unsent == 1


@in_event_loop
async def test_a_turn_that_cannot_be_persisted_is_not_published() -> None:
    """The loop stops, and hears nothing more."""

    def persist(batch: RecordBatch) -> None:
        raise OSError("no disk")

    harness = LoopHarness(persist=persist)
    harness.add_batch(1)
    harness.loop.run_turn()
    assert (harness.records, harness.runtime.invoked) == ([], [])
    harness.loop.receive_messages([LogLine(None, "info", "late")])
    harness.loop.run_turn()
    assert [str(e) for e in harness.failures] == ["no disk"]


@in_event_loop
async def test_the_next_event_may_be_planned_or_waiting() -> None:
    """Whichever is due first."""
    harness = LoopHarness()
    assert harness.loop.clock_driver.next_event_due() is None
    harness.add_batch(2, 900_000)
    harness.loop.run_turn()
    assert harness.loop.clock_driver.next_event_due() == 900_000
    harness.end_invocation(RetryRequested(600))
    assert harness.loop.clock_driver.next_event_due() == 600_000
    harness.loop.stop()


@in_event_loop
async def test_a_drain_sends_nothing_more() -> None:
    """What was ordered is forgotten, and what is due is not started."""
    harness = LoopHarness()
    harness.add_batch(2, 1_000)
    harness.loop.run_turn()
    harness.end_invocation(RetryRequested(1))
    harness.loop.drain()
    harness.clock.instant = 5_000
    harness.loop.run_turn()
    assert (harness.pending_batches.unsent, harness.engine.pending) == (0, 1)
    assert harness.runtime.invoked == []
