"""From a request to a web trigger's address to its response."""

from __future__ import annotations

import asyncio

import msgspec
import pytest

from forge_emu.emulator.function_calls.waiting import FunctionCalls
from forge_emu.emulator.function_calls.web_triggers import WebTriggerCalls
from forge_emu.model import Outcome, OutOfMemory, Success, TimedOut, WebTrigger
from forge_emu.records import Log
from forge_emu.services.web_triggers.addresses import split_path
from forge_emu.services.web_triggers.messages import WebTriggerRequest, WebTriggerResponse
from forge_emu.settings import Settings
from tests.emulator.harness import LoopHarness, in_event_loop, run_scheduled_turns
from tests.engine.world import BOOM

TIMED_OUT = TimedOut(BOOM.error)


class Hooked:
    """An app with a web trigger whose function is `work`."""

    def __init__(self, error_status: int = 500) -> None:
        limit = {"limits.invocations.user_led_per_minute": 7_000}
        self.harness = LoopHarness(settings=limit)
        engine = self.harness.engine
        trigger = WebTrigger("hook", "work", 1)
        engine.replace_app(msgspec.structs.replace(engine.app, web_triggers=(trigger,)))
        settings = Settings(overrides={"web_triggers.error_status": error_status})
        loop = self.harness.loop
        self._calls = WebTriggerCalls(loop, FunctionCalls(loop), settings)
        url = loop.services.web_triggers.url_of(trigger)
        self.path = url[url.index("/x1/") :]

    async def call(self, outcome: Outcome) -> WebTriggerResponse:
        """The response where the function ends so."""
        parts = split_path(self.path)
        assert parts is not None
        request = WebTriggerRequest("GET", self.path, parts[1], "", [], None)
        waiting = asyncio.ensure_future(self._calls.call_web_trigger(request))
        await run_scheduled_turns()
        self.harness.end_invocation(outcome)
        return await waiting


@in_event_loop
async def test_what_is_left_of_the_limit_is_in_the_headers() -> None:
    """Of the minute that runs; its end is in whole seconds since 1970."""
    hooked = Hooked()
    response = await hooked.call(Success(result='{"statusCode": 204}'))
    headers = dict(response.headers)
    assert response.status == 204
    assert (headers["X-Ratelimit-Limit"], headers["X-Ratelimit-Remaining"]) == ("7000", "6999")
    assert int(headers["X-Ratelimit-Reset"]) * 1000 >= hooked.harness.engine.epoch_ms


@pytest.mark.parametrize(
    ("outcome", "status"),
    [(BOOM, 424), (TIMED_OUT, 504), (OutOfMemory(BOOM.error), 424), (Success(result="5"), 500)],
)
def test_a_function_that_fails_tells_its_caller_nothing(outcome: Outcome, status: int) -> None:
    """But that it failed."""
    asyncio.run(_failed(outcome, status))


async def _failed(outcome: Outcome, status: int) -> None:
    response = await Hooked(error_status=424).call(outcome)
    assert response.status == status
    assert "boom" not in response.body


@in_event_loop
async def test_a_result_that_is_no_response_is_said_to_the_developer() -> None:
    """With the reason."""
    hooked = Hooked()
    await hooked.call(Success(result='{"statusCode": "x"}'))
    await run_scheduled_turns()
    logs = [r.body.message for r in hooked.harness.records if isinstance(r.body, Log)]
    assert any("statusCode must be a whole number" in text for text in logs)
