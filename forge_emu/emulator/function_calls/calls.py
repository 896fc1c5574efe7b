"""The calls that a running emulator takes: of functions, of web triggers, and by remotes."""

from __future__ import annotations

from collections.abc import Callable

from forge_emu.control.calls.contract import (
    CallAnswers,
    CallOrder,
    PreUninstallAnswer,
    PreUninstallOrder,
    WebTriggerCallOrder,
    WebTriggerState,
)
from forge_emu.emulator.function_calls.by_hand import CallsByHand
from forge_emu.emulator.function_calls.pre_uninstall import PreUninstallCalls
from forge_emu.emulator.function_calls.waiting import FunctionCalls
from forge_emu.emulator.function_calls.web_triggers import WebTriggerCalls
from forge_emu.emulator.loop import EngineLoop
from forge_emu.emulator.remotes.api_calls import ApiCalls
from forge_emu.model import CallRequest, CallResult, Instant
from forge_emu.ports import AppResponse
from forge_emu.runtime.remote.tokens import TokenSigner
from forge_emu.services.remote_api.messages import ApiRequest
from forge_emu.services.web_triggers.messages import WebTriggerRequest, WebTriggerResponse
from forge_emu.settings import Settings


class Calls:
    """Implements the `CallsContract` of the control API."""

    def __init__(
        self, loop: EngineLoop, settings: Settings, signer: Callable[[], TokenSigner]
    ) -> None:
        self._functions = FunctionCalls(loop)
        self._web_triggers = WebTriggerCalls(loop, self._functions, settings)
        self._by_hand = CallsByHand(loop, self._functions)
        self._api_calls = ApiCalls(loop, signer)
        self._pre_uninstall = PreUninstallCalls(loop, self._functions)

    @property
    def waited_for(self) -> int:
        """How many calls are under way that somebody waits for."""
        return self._functions.waited_for

    async def call_function(self, request: CallRequest) -> CallResult:
        """Call a function, and wait for its end. Raises UserError."""
        return await self._functions.call_function(request)

    async def call_by_hand(self, order: CallOrder) -> CallAnswers:
        """Make the calls of an order at once, and wait for the end of all. Raises UserError."""
        return await self._by_hand.call_by_hand(order)

    def start_calls(self, order: CallOrder, now: Instant) -> None:
        """Make the calls of an order within a turn; nobody waits for them."""
        self._by_hand.start_calls(order, now)

    def start_web_trigger(self, order: WebTriggerCallOrder, now: Instant) -> None:
        """Call a web trigger of the app within a turn; nobody waits for the response."""
        self._web_triggers.start_call(order, now)

    async def call_pre_uninstall(self, order: PreUninstallOrder) -> list[PreUninstallAnswer]:
        """Call what runs before an uninstallation, and wait for its end. Raises UserError."""
        return await self._pre_uninstall.call_modules(order)

    async def call_web_trigger(self, request: WebTriggerRequest) -> WebTriggerResponse:
        """The response to a request to the address of a web trigger."""
        return await self._web_triggers.call_web_trigger(request)

    def answer_api(self, request: ApiRequest) -> AppResponse:
        """The answer to what a remote asks of the store or of a product."""
        return self._api_calls.answer_api(request)

    def list_web_triggers(self) -> list[WebTriggerState]:
        """Every web trigger, in the manifest's order."""
        return self._web_triggers.list_web_triggers()

    def close(self) -> None:
        """Take no more calls."""
        self._functions.close()

    def end_all(self) -> None:
        """Whoever still waits is told that the emulator has stopped."""
        self._functions.end_all()
