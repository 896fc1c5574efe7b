"""Whoever calls a function waits for its end, and for nothing else."""

from __future__ import annotations

import asyncio

import pytest

from forge_emu.emulator.function_calls.waiting import FunctionCalls
from forge_emu.errors import UserError
from forge_emu.model import CallRequest, CallResult, ModuleKind, Success
from forge_emu.records import Log
from tests.emulator.harness import LoopHarness, in_event_loop, run_scheduled_turns

REQUEST = CallRequest(ModuleKind.FUNCTION, "work", "work", {"n": 1}, 7)


@in_event_loop
async def test_a_caller_gets_the_answer_of_its_own_call() -> None:
    """Whichever ends first."""
    harness = LoopHarness()
    calls = FunctionCalls(harness.loop)
    first, second = (asyncio.ensure_future(calls.call_function(REQUEST)) for _ in range(2))
    await run_scheduled_turns()
    harness.runtime.invoked.reverse()
    harness.end_invocation(Success(result="2"))
    await run_scheduled_turns()
    assert (first.done(), second.done()) == (False, True)
    harness.end_invocation(Success(result="1"))
    assert [(await each).result for each in (first, second)] == ["1", "2"]


@in_event_loop
async def test_calls_that_are_made_together_are_persisted_together() -> None:
    """However many there are: once when they are made, and each answer is found by its id."""
    persisted: list[int] = []
    harness = LoopHarness(persist=lambda batch: persisted.append(len(batch.records)))
    calls = FunctionCalls(harness.loop)
    waiting = asyncio.ensure_future(calls.call_functions([REQUEST] * 500))
    await asyncio.sleep(0)
    assert persisted == [500]
    await run_scheduled_turns()
    while harness.runtime.invoked:
        harness.end_invocation(Success(result="1"))
    assert [each.result for each in await waiting] == ["1"] * 500


@in_event_loop
async def test_an_end_is_known_before_it_is_persisted() -> None:
    """So what is recorded because of it belongs to the same turn."""
    harness = LoopHarness()
    calls = FunctionCalls(harness.loop)
    ended: list[str] = []

    def note(result: CallResult) -> None:
        harness.loop.engine.record(Log(level="info", message="noted"), 0)
        ended.append(result.call_id)

    calls.start_call(REQUEST, 0, note)
    calls.start_call(REQUEST, 0)
    harness.loop.run_turn()
    for _ in range(2):
        harness.end_invocation(Success(result="1"))
    assert len(ended) == 1
    assert "noted" in [getattr(record.body, "message", "") for record in harness.records]


@in_event_loop
async def test_the_end_of_the_emulator_is_an_answer() -> None:
    """Who still waits is told so, and nobody new is taken."""
    harness = LoopHarness()
    calls = FunctionCalls(harness.loop)
    waiting = asyncio.ensure_future(calls.call_function(REQUEST))
    await run_scheduled_turns()
    calls.close()
    calls.end_all()
    assert (await waiting).reason == "stopped"
    with pytest.raises(UserError, match="stopping"):
        await calls.call_function(REQUEST)
