"""The calls that an emulator takes, of functions and of web triggers."""

from __future__ import annotations

import asyncio

from forge_emu.control.calls.contract import CallOrder
from forge_emu.emulator.function_calls.calls import Calls
from forge_emu.model import Success
from forge_emu.runtime.remote.tokens import new_signer
from forge_emu.services.web_triggers.messages import WebTriggerRequest
from forge_emu.settings import Settings
from tests.emulator.harness import LoopHarness, in_event_loop, run_scheduled_turns


@in_event_loop
async def test_both_kinds_end_with_the_emulator() -> None:
    """An order by hand is answered, and then a web trigger is refused."""
    harness = LoopHarness()
    calls = Calls(harness.loop, Settings(), lambda: new_signer(lambda: 0))
    waiting = asyncio.ensure_future(calls.call_by_hand(CallOrder("work")))
    await run_scheduled_turns()
    harness.end_invocation(Success(result="[1]"))
    [answer] = (await waiting).answers
    calls.close()
    calls.end_all()
    refused = await calls.call_web_trigger(WebTriggerRequest("GET", "/x1/0-a", "", "", [], None))

    assert bytes(answer.result) == b"[1]"
    assert refused.status == 404
