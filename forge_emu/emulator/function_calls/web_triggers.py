"""A request to a web trigger, from the HTTP request to the HTTP response.

https://developer.atlassian.com/platform/forge/events-reference/web-trigger/ (2026-08-13)
"""

from __future__ import annotations

from typing import Final

import msgspec

from forge_emu import settings as s
from forge_emu.control.calls.contract import WebTriggerCallOrder, WebTriggerState
from forge_emu.emulator.function_calls.waiting import STOPPED, FunctionCalls
from forge_emu.emulator.loop import EngineLoop
from forge_emu.engine.delivery.calls.function_calls import RATE_LIMITED
from forge_emu.errors import UserError
from forge_emu.model import (
    SECOND,
    CallRequest,
    CallResult,
    DropReason,
    Instant,
    ModuleKind,
    WebTrigger,
)
from forge_emu.records import Log
from forge_emu.services.web_triggers.messages import (
    WebTriggerRequest,
    WebTriggerResponse,
    content_type_of,
    dynamic_response,
    endpoint_result,
    forwarded_request,
    request_event,
    static_response,
)

_NO_ADDRESS: Final = "no web trigger of the app has this address"
_STATUS_OF_FAILURE: Final = {
    RATE_LIMITED: 429,
    str(DropReason.TOO_LARGE): 413,
    str(DropReason.NOT_LOADED): 424,
    STOPPED: 503,
    "timeout": 504,
}
"""Emulator choices, where the documentation says nothing. What throws has a setting."""


class WebTriggerCalls:
    """Calls the functions of web triggers."""

    def __init__(self, loop: EngineLoop, calls: FunctionCalls, settings: s.Settings) -> None:
        self._loop = loop
        self._calls = calls
        self._settings = settings

    def list_web_triggers(self) -> list[WebTriggerState]:
        """Every web trigger, in the manifest's order."""
        header = self._settings[s.WEB_TRIGGER_SIGNATURE_HEADER]
        urls_of = self._loop.services.web_triggers.urls_of
        return [
            WebTriggerState(
                t.key, t.endpoint or t.function, urls_of(t), header if t.signed else None
            )
            for t in self._loop.engine.app.web_triggers
        ]

    async def call_web_trigger(self, request: WebTriggerRequest) -> WebTriggerResponse:
        """The response to a request to the address of a web trigger."""
        found = self._loop.services.web_triggers.find_trigger(request.path)
        if found is None:
            return _message_response(404, _NO_ADDRESS)
        trigger, _ = found
        refused = self._refuse_unsigned(trigger, request, self._loop.enter())
        if refused is not None:
            self._loop.schedule_turn()
            return refused
        try:
            result = await self._calls.call_function(self._call_of(trigger, request))
        except UserError as error:
            return _message_response(503, error.message)
        response = self._checked_response(trigger, result)
        self._loop.schedule_turn()
        headers = [*response.headers, *self._rate_headers()]
        return msgspec.structs.replace(response, headers=headers)

    def start_call(self, order: WebTriggerCallOrder, now: Instant) -> None:
        """Call a web trigger of the app within a turn; nobody waits for the response. One that is
        refused for its signature is a record."""
        web_triggers = self._loop.engine.app.web_triggers
        trigger = next(t for t in web_triggers if t.key == order.key)
        request = request_of(order, self._loop.services.web_triggers.path_of(trigger))
        if self._refuse_unsigned(trigger, request, now) is not None:
            return

        def check(result: CallResult) -> None:
            self._checked_response(trigger, result)

        self._calls.start_call(self._call_of(trigger, request), now, check)

    def _checked_response(self, trigger: WebTrigger, result: CallResult) -> WebTriggerResponse:
        """The response; what is wrong with it is a record."""
        response = self._response(trigger, result)
        if response.problem is not None:
            message = (
                f"the result of the web trigger {trigger.key!r} cannot be sent, its caller gets "
                f"status {response.status}: {response.problem}"
            )
            self._loop.engine.record(Log(level="error", message=message), self._loop.clock.now())
        return response

    def _refuse_unsigned(
        self, trigger: WebTrigger, request: WebTriggerRequest, now: Instant
    ) -> WebTriggerResponse | None:
        """The response to a request whose signature does not hold; its function is not called."""
        web_triggers = self._loop.services.web_triggers
        problem = web_triggers.signature_problem(request.path, request.headers, request.raw, now)
        if problem is None:
            return None
        message = f"a request to the web trigger {trigger.key!r} was refused: {problem}"
        self._loop.engine.record(Log(level="warn", message=message), now)
        return _message_response(401, _PUBLIC_TEXTS[401])

    def _call_of(self, trigger: WebTrigger, request: WebTriggerRequest) -> CallRequest:
        """The call of its function, or of its endpoint with the request as it came."""
        handler = trigger.endpoint or trigger.function
        endpoint = self._loop.engine.app.endpoints.get(trigger.endpoint or "")
        if endpoint is None:
            event = request_event(request)
        else:
            event = forwarded_request(request, endpoint.path)
        size = len(msgspec.json.encode(event))
        return CallRequest(ModuleKind.WEB_TRIGGER, trigger.key, handler, event, size)

    def _response(self, trigger: WebTrigger, result: CallResult) -> WebTriggerResponse:
        if result.reason is not None:
            status = _STATUS_OF_FAILURE.get(
                result.reason, self._settings[s.WEB_TRIGGER_ERROR_STATUS]
            )
            return _message_response(status, _PUBLIC_TEXTS.get(status, _FAILED))
        try:
            value = None if result.result is None else msgspec.json.decode(result.result)
        except (msgspec.DecodeError, RecursionError) as error:
            return WebTriggerResponse(500, problem=f"it is no JSON that can be read: {error}")
        if trigger.endpoint is not None:
            value = endpoint_result(value, static=trigger.outputs is not None)
        if trigger.outputs is None:
            return dynamic_response(value)
        return static_response(value, trigger.outputs)

    def _rate_headers(self) -> list[tuple[str, str]]:
        """How much of the limit per minute is left, and the second when its window ends."""
        engine, now = self._loop.engine, self._loop.clock.now()
        usage = next((u for u in engine.usage(now) if u.name == s.USER_CALLS_PER_MINUTE.name), None)
        if usage is None or usage.limit is None:
            return []
        window = s.USER_CALLS_PER_MINUTE.rate.window
        reset = engine.epoch_ms + (now // window + 1) * window
        return [
            ("X-Ratelimit-Limit", f"{usage.limit:g}"),
            ("X-Ratelimit-Remaining", f"{max(usage.limit - usage.used, 0):g}"),
            ("X-Ratelimit-Reset", str(-(-reset // SECOND))),
        ]


def request_of(order: WebTriggerCallOrder, path: str) -> WebTriggerRequest:
    """The request to the address with this path. A body says what it is, unless a header does."""
    body, headers, raw = order.body, list(order.headers), b""
    if body is not None:
        body = body if isinstance(body, str) else msgspec.json.encode(body).decode()
        raw = body.encode("utf-8", "replace")
        if not any(name.lower() == "content-type" for name, _ in headers):
            headers.append(("content-type", content_type_of(raw)))
    return WebTriggerRequest(
        order.method, path + order.path, order.path, order.query, headers, body, raw
    )


_FAILED: Final = "the function of the web trigger failed"
_PUBLIC_TEXTS: Final = {
    401: "the signature of the request does not hold",
    413: "the request is too large",
    429: "too many requests",
    503: "the emulator has stopped",
    504: "the function of the web trigger timed out",
}
"""What callers are told: nothing of the app's error, which the developer finds in the records."""


def _message_response(status: int, message: str) -> WebTriggerResponse:
    body = msgspec.json.encode({"message": message}).decode()
    return WebTriggerResponse(status, [("content-type", "application/json")], body)
