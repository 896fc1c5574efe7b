"""Whoever calls a function waits here until the call has ended."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Final, TypeAlias

import msgspec

from forge_emu.emulator.loop import EngineLoop
from forge_emu.errors import UserError
from forge_emu.model import CallRequest, CallResult, Instant
from forge_emu.services.request_body import body_bytes, replace_lone_surrogates

STOPPED: Final = "stopped"
"""The reason of a call that had not ended when the emulator stopped."""

OnEnd: TypeAlias = Callable[[CallResult], None]
"""Called once, in the turn in which the call ends, before what that has changed is persisted."""


class FunctionCalls:
    """The calls under way, each with who waits for its end."""

    def __init__(self, loop: EngineLoop) -> None:
        self._loop = loop
        self._waiting: dict[str, OnEnd] = {}
        self._closed = False
        loop.before_persisting = self._settle

    @property
    def waited_for(self) -> int:
        """How many calls somebody waits for."""
        return len(self._waiting)

    async def call_function(self, request: CallRequest) -> CallResult:
        """Call a function at the present instant, and wait for its end. Raises UserError where the
        emulator is stopping."""
        [result] = await self.call_functions([request])
        return result

    async def call_functions(self, requests: Sequence[CallRequest]) -> list[CallResult]:
        """Make calls at the present instant, and wait for the end of all. As `call_function`."""
        if self._closed:
            raise UserError("the emulator is stopping and takes no more calls")
        now = self._loop.enter()
        futures = [self._start_waited_for(request, now) for request in requests]
        self._loop.persist_now()
        self._loop.schedule_turn()
        return list(await asyncio.gather(*futures))

    def start_call(self, request: CallRequest, now: Instant, on_end: OnEnd | None = None) -> None:
        """Call a function within a turn; nobody waits for it."""
        call_id = self._loop.engine.function_calls.call_function(request, now)
        if on_end is not None:
            self._waiting[call_id] = on_end

    def close(self) -> None:
        """Take no more calls."""
        self._closed = True

    def end_all(self) -> None:
        """Whoever still waits is told that the emulator has stopped."""
        self._settle()
        now = self._loop.clock.now()
        waiting, self._waiting = self._waiting, {}
        for call_id, on_end in waiting.items():
            on_end(CallResult(call_id, now, reason=STOPPED))
        self._loop.persist_now()

    def _start_waited_for(self, request: CallRequest, now: Instant) -> asyncio.Future[CallResult]:
        future: asyncio.Future[CallResult] = asyncio.get_running_loop().create_future()

        def tell(result: CallResult) -> None:
            # Who waits goes on after this turn, so after what has changed was persisted.
            if not future.done():
                future.set_result(result)

        self.start_call(request, now, tell)
        return future

    def _settle(self) -> None:
        for result in self._loop.engine.function_calls.take_results():
            if (on_end := self._waiting.pop(result.call_id, None)) is not None:
                on_end(_readable(result))


def _readable(result: CallResult) -> CallResult:
    """The result, which everybody can decode: JavaScript's texts may hold half a character."""
    if result.result is None:
        return result
    text = replace_lone_surrogates(body_bytes(result.result)).decode()
    return msgspec.structs.replace(result, result=text)
