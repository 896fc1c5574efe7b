"""Calls that a user makes: of a function, or of a resolver as a UI does.

What `invoke` of a UI sends: https://developer.atlassian.com/platform/forge/custom-ui-bridge/invoke/
and `@forge/resolver` 1 and 2.
"""

from __future__ import annotations

import asyncio
import difflib
from typing import Final

import msgspec

from forge_emu.control.calls.contract import CallAnswer, CallAnswers, CallOrder
from forge_emu.emulator.function_calls.ui_requests import ui_request
from forge_emu.emulator.function_calls.waiting import FunctionCalls
from forge_emu.emulator.loop import EngineLoop
from forge_emu.emulator.user_json.numbered import numbered
from forge_emu.errors import UserError
from forge_emu.model import App, CallRequest, CallResult, Json, ModuleKind
from forge_emu.site.jira.defaults import REPORTER

_SITE_URL: Final = "https://emu.atlassian.net"


class CallsByHand:
    """Calls functions for users."""

    def __init__(self, loop: EngineLoop, calls: FunctionCalls) -> None:
        self._loop = loop
        self._calls = calls

    async def call_by_hand(self, order: CallOrder) -> CallAnswers:
        """Make the calls at once, and wait for the end of all. Raises UserError."""
        function, _, key = order.target.partition(".")
        _check_function(self._loop.engine.app, function, key, order.target)
        text = b"" if order.payload is None else msgspec.json.encode(order.payload)
        texts = (numbered(text, number) for number in range(1, order.count + 1))
        requests = [self._request(order, function, key, each) for each in texts]
        results = await asyncio.gather(*map(self._calls.call_function, requests))
        return CallAnswers([_answer(result) for result in results])

    def _request(self, order: CallOrder, function: str, key: str, text: bytes) -> CallRequest:
        payload = msgspec.json.decode(text) if text else None
        size = len(text)
        if function in self._loop.engine.app.endpoints:
            return self._remote_request(order, function, payload, size)
        if not key:
            event = {} if payload is None else payload
            return CallRequest(
                ModuleKind.FUNCTION, function, function, event, size, context=order.context
            )
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
        """What a UI of Jira gives with a call; `extension` is up to the user."""
        engine = self._loop.engine
        kind, key = engine.app.shown_by.get(function, ("jira:issuePanel", function))
        installation = engine.installation
        return {
            "accountId": REPORTER,
            "cloudId": installation.cloud_id,
            "siteUrl": _SITE_URL,
            "moduleKey": key,
            "localId": f"{installation.ari}/{key}",
            "environmentType": "DEVELOPMENT",
            "locale": "en_US",
            "timezone": "UTC",
            "extension": {"type": kind},
        }


def _check_function(app: App, function: str, key: str, target: str) -> None:
    if function in app.endpoints and key:
        raise UserError(
            f"{function!r} is an endpoint, which has no definitions such as {key[:60]!r}",
            f"A UI calls it by invokeRemote: forge-emu invoke {function} "
            '--payload \'{"path": "/tasks", "method": "GET"}\'',
        )
    if function in app.functions or function in app.endpoints:
        return
    if (unloaded := app.unloaded.get(function)) is not None:
        raise UserError(f"the function {function!r} does not load: {unloaded.reason}")
    known = sorted({*app.functions, *app.endpoints})
    near = difflib.get_close_matches(function, known, n=3, cutoff=0.5)
    names = ", ".join(near or known) or "none"
    what = "functions and endpoints" if app.endpoints else "functions"
    hint = f"Did you mean {names}?" if near else f"Its {what}: {names}."
    raise UserError(f"the manifest has no function {function!r} (of {target!r})", hint)


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
