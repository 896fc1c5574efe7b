"""Calls that a user makes: of a function, or of a resolver as a UI does.

What `invoke` of a UI sends: https://developer.atlassian.com/platform/forge/custom-ui-bridge/invoke/
and `@forge/resolver` 1 and 2.
"""

from __future__ import annotations

import msgspec

from forge_emu.control.calls.contract import CallAnswer, CallAnswers, CallOrder
from forge_emu.emulator.app_modules.known import check_function, function_of
from forge_emu.emulator.function_calls.module_context import (
    SITE_URL,
    ModuleUse,
    argument_of,
    extension_of,
)
from forge_emu.emulator.function_calls.ui_requests import ui_request
from forge_emu.emulator.function_calls.waiting import FunctionCalls
from forge_emu.emulator.loop import EngineLoop
from forge_emu.emulator.user_json.numbered import numbered
from forge_emu.engine.installation import product_of_app
from forge_emu.errors import UserError
from forge_emu.events.parts import merge_payload
from forge_emu.model import CallRequest, CallResult, Instant, Json, ModuleKind
from forge_emu.site.jira.defaults import REPORTER


class CallsByHand:
    """Calls functions for users."""

    def __init__(self, loop: EngineLoop, calls: FunctionCalls) -> None:
        self._loop = loop
        self._calls = calls

    async def call_by_hand(self, order: CallOrder) -> CallAnswers:
        """Make the calls at once, and wait for the end of all. Raises UserError."""
        app = self._loop.engine.app
        check_function(order.target, app)
        if unloaded := app.unloaded.get(function_of(order.target)):
            raise UserError(
                f"the function {function_of(order.target)!r} does not load: {unloaded.reason}"
            )
        results = await self._calls.call_functions(self._requests(order))
        return CallAnswers([_answer(result) for result in results])

    def start_calls(self, order: CallOrder, now: Instant) -> None:
        """Make the calls within a turn. Nobody waits for them: records say how they end."""
        for request in self._requests(order):
            self._calls.start_call(request, now)

    def _requests(self, order: CallOrder) -> list[CallRequest]:
        function, _, key = order.target.partition(".")
        text = b"" if order.payload is None else msgspec.json.encode(order.payload)
        return [
            self._request(_with_context(order, number), function, key, numbered(text, number))
            for number in range(1, order.count + 1)
        ]

    def _request(self, order: CallOrder, function: str, key: str, text: bytes) -> CallRequest:
        payload = msgspec.json.decode(text) if text else None
        size = len(text)
        if function in self._loop.engine.app.endpoints:
            return self._remote_request(order, function, payload, size)
        if not key:
            return self._plain_request(order, function, payload, size)
        context = {**self._ui_context(function), **order.context}
        account = context.get("accountId")
        call = {"functionKey": key} if payload is None else {"functionKey": key, "payload": payload}
        return CallRequest(
            ModuleKind.RESOLVER,
            str(context["moduleKey"]),
            function,
            {"call": call, "context": context},
            size,
            account=account if isinstance(account, str) else None,
            resolver_key=key,
        )

    def _plain_request(
        self, order: CallOrder, function: str, payload: Json, size: int
    ) -> CallRequest:
        """A call as of the module that uses the function; what the user gives comes over it."""
        engine = self._loop.engine
        event, context = {} if payload is None else payload, order.context
        if (use := engine.app.called_by.get(function)) and isinstance(event, dict):
            product, cloud_id = product_of_app(engine.app), engine.installation.cloud_id
            event = argument_of(ModuleUse(*use), engine.site, cloud_id, product)
            merge_payload(event, payload if isinstance(payload, dict) else {})
            if event:
                size = len(msgspec.json.encode(event))
            if use[0] == "action":
                context = {"accountId": REPORTER, **context}
        return CallRequest(ModuleKind.FUNCTION, function, function, event, size, context=context)

    def _remote_request(
        self, order: CallOrder, endpoint: str, payload: Json, size: int
    ) -> CallRequest:
        """What a UI calls with `invokeRemote(payload)`."""
        context = {**self._ui_context(endpoint), **order.context}
        account = context.get("accountId")
        return CallRequest(
            ModuleKind.RESOLVER,
            str(context["moduleKey"]),
            endpoint,
            ui_request(payload),
            size,
            context=context,
            account=account if isinstance(account, str) else None,
        )

    def _ui_context(self, function: str) -> dict[str, Json]:
        """What a UI gives with a call, about the first issue or page of the site."""
        engine = self._loop.engine
        kind, key = engine.app.shown_by.get(function, ("jira:issuePanel", function))
        installation = engine.installation
        return {
            "accountId": REPORTER,
            "cloudId": installation.cloud_id,
            "siteUrl": SITE_URL,
            "moduleKey": key,
            "localId": f"{installation.ari}/{key}",
            "environmentType": "DEVELOPMENT",
            "locale": "en_US",
            "timezone": "UTC",
            "extension": extension_of(kind, engine.site),
        }


def _with_context(order: CallOrder, number: int) -> CallOrder:
    """The order with the context of one of its calls. Raises UserError where that is no object."""
    context = msgspec.json.decode(numbered(msgspec.json.encode(order.context), number))
    if not isinstance(context, dict):
        hint = '{"$number": "{n}"} stands for a value within it.'
        raise UserError("the context must be an object, not a number", hint)
    return msgspec.structs.replace(order, context=context)


def _answer(result: CallResult) -> CallAnswer:
    text = "null" if result.result is None else result.result
    return CallAnswer(
        result.call_id,
        result.age_ms,
        msgspec.Raw(text.encode("utf-8", "replace")),
        result.reason,
        result.error,
        result.limit,
    )
