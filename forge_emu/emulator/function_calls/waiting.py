"""Whoever calls a function waits here until the call has ended."""

from __future__ import annotations

import asyncio
from typing import Final

from forge_emu.emulator.loop import EngineLoop
from forge_emu.errors import UserError
from forge_emu.model import CallRequest, CallResult

STOPPED: Final = "stopped"
"""The reason of a call that had not ended when the emulator stopped."""


class FunctionCalls:
    """The calls under way, each with its caller."""

    def __init__(self, loop: EngineLoop) -> None:
        self._loop = loop
        self._waiting: dict[str, asyncio.Future[CallResult]] = {}
        self._closed = False

    async def call_function(self, request: CallRequest) -> CallResult:
        """Call a function at the present instant, and wait for its end. Raises UserError where the
        emulator is stopping."""
        if self._closed:
            raise UserError("the emulator is stopping and takes no more calls")
        now = self._loop.enter()
        call_id = self._loop.engine.function_calls.call_function(request, now)
        future: asyncio.Future[CallResult] = asyncio.get_running_loop().create_future()
        self._waiting[call_id] = future
        self._loop.persist_now()
        self._loop.schedule_turn()
        try:
            await self._loop.wait_until(lambda: self._has_ended(future))
            return future.result()
        finally:
            self._waiting.pop(call_id, None)

    def close(self) -> None:
        """Take no more calls."""
        self._closed = True

    def end_all(self) -> None:
        """Whoever still waits is told that the emulator has stopped."""
        self._settle()
        now = self._loop.clock.now()
        for call_id, future in self._waiting.items():
            if not future.done():
                future.set_result(CallResult(call_id, now, reason=STOPPED))
        self._loop.persist_now()

    def _has_ended(self, future: asyncio.Future[CallResult]) -> bool:
        self._settle()
        return future.done()

    def _settle(self) -> None:
        for result in self._loop.engine.function_calls.take_results():
            future = self._waiting.get(result.call_id)
            if future is not None and not future.done():
                future.set_result(result)
