"""Calls of a function whose caller waits for its answer. None is ever made a second time.

A command, a UI through its resolver, a web trigger and `preUninstall` call so. Limits:
https://developer.atlassian.com/platform/forge/limits-invocation/ (2026-09-01).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

import msgspec
from msgspec import UNSET

from forge_emu import records as r
from forge_emu import settings as s
from forge_emu.engine.delivery.calls.function_call import FunctionCall, SavedFunctionCall
from forge_emu.engine.delivery.kind import DeliveryKind, HandlerTarget, KindContext, SavedDelivery
from forge_emu.engine.delivery.retry import ONE_ATTEMPT, Ending, InvocationLimitReached
from forge_emu.engine.installation import Installation, product_of_app
from forge_emu.engine.quota import Meters
from forge_emu.model import (
    App,
    CallRequest,
    CallResult,
    DropReason,
    ErrorReport,
    Failed,
    Function,
    Instant,
    Json,
    Millis,
    ModuleKind,
    Outcome,
    Success,
)

USER_LED: Final = frozenset({ModuleKind.RESOLVER, ModuleKind.WEB_TRIGGER})
"""The modules whose calls count as invocations by users."""

RATE_LIMITED: Final = "rate_limited"
NO_FUNCTION: Final = "no_function"

_RESPONSE_TOO_LARGE: Final = "ResponseTooLarge"
_KIB: Final = 1024
_MIB: Final = 1024 * 1024


class FunctionCalls(DeliveryKind[FunctionCall]):
    """The kind: a call goes to the function that it names, and its answer to who waits for it."""

    delivery_types = (FunctionCall,)
    saved_type = SavedFunctionCall
    no_handler = NO_FUNCTION
    outlives_restart = False

    def __init__(self, context: KindContext) -> None:
        self.policy = ONE_ATTEMPT
        self._context = context
        self._settings = context.settings
        self._results: list[CallResult] = []
        self.meters = Meters("user_calls", context.settings)

    def call_function(self, request: CallRequest, now: Instant) -> str:
        """Call a function; answers the call's id. It starts with the next wake.

        Where its argument is over the limit it ends at once.
        """
        fixed = SavedFunctionCall(
            self._context.new_id(),
            now,
            request.module,
            request.module_key,
            request.function,
            request.size_bytes,
            request.resolver_key,
        )
        self._context.journal.record(_received(fixed), now)
        if (full := self._count_user_call(request.module, now)) is not None:
            self._end_failed(fixed.id, 0, RATE_LIMITED, now, error=None, limit=full)
        elif (refusal := self._size_refusal(request)) is None:
            self._context.add_delivery(FunctionCall(fixed, request), now)
        else:
            limit, error = refusal
            self._end_failed(fixed.id, 0, DropReason.TOO_LARGE, now, error=error, limit=limit)
        return fixed.id

    def take_results(self) -> list[CallResult]:
        """The answers of the calls that have ended since the last call."""
        taken, self._results = self._results, []
        return taken

    def find_target(self, delivery: FunctionCall, app: App) -> HandlerTarget | None:
        """The function or the endpoint that it names."""
        fixed = delivery.fixed
        handler = app.functions.get(fixed.function) or app.endpoints.get(fixed.function)
        if handler is None or delivery.request is None:
            return None
        return HandlerTarget(handler, fixed.module, fixed.module_key)

    def module_function(self, delivery: FunctionCall, app: App) -> str | None:
        """The function that it names."""
        del app
        return delivery.fixed.function

    def timeouts(self, function: Function, app: App) -> Iterator[Millis]:
        """None: what a function has comes of the modules that use it."""
        del function, app
        return iter(())

    def own_timeout(self, delivery: FunctionCall) -> Millis | None:
        """That of the request."""
        return delivery.request.timeout_ms if delivery.request else None

    def handler_arguments(
        self, delivery: FunctionCall, app: App, installation: Installation, now: Instant
    ) -> tuple[Json, Json]:
        """The argument of the request, and the context with what the request says over it."""
        del now
        request = delivery.request
        assert request is not None
        context = installation.context(product_of_app(app), request.account)
        return request.event, {**context, **request.context}

    def wants_result(self, delivery: FunctionCall) -> bool:
        """Always: somebody waits for it."""
        del delivery
        return True

    def check_outcome(self, delivery: FunctionCall, outcome: Outcome) -> Outcome:
        """An answer over its limit is an error."""
        del delivery
        most = self._settings[s.INVOKE_RESPONSE_MB]
        if not isinstance(outcome, Success) or outcome.result is None or most is None:
            return outcome
        size = _bytes_over(outcome.result, most * _MIB)
        if size is None:
            return outcome
        message = (
            f"the function returned {size:,} bytes of JSON, more than the {most:,} MiB allowed "
            f"({s.INVOKE_RESPONSE_MB.name})"
        )
        return Failed(ErrorReport(_RESPONSE_TOO_LARGE, message))

    def examine_ending(self, delivery: FunctionCall, ending: Ending) -> Ending:
        """Keep how it ended, for who waits."""
        if isinstance(ending, InvocationLimitReached):
            delivery.limit = ending.limit
        else:
            delivery.outcome = ending
        return ending

    def end_delivery(self, delivery: FunctionCall, reason: str, now: Instant) -> None:
        """Record it, and keep its answer for who waits."""
        age = now - delivery.created_at
        outcome, delivery.outcome = delivery.outcome, None
        if isinstance(outcome, Success):
            body = r.CallSucceeded(call_id=delivery.id, age_ms=age)
            self._context.journal.record(body, now)
            self._results.append(CallResult(delivery.id, age, result=outcome.result))
            return
        if outcome is not None:
            reason = _reason_of(outcome)
        elif delivery.limit is not None:
            reason = RATE_LIMITED
        error: ErrorReport | None = getattr(outcome, "error", None)
        self._end_failed(delivery.id, age, reason, now, error=error, limit=delivery.limit)

    def replay_deliveries(
        self, deliveries: Iterable[FunctionCall], app: App, now: Instant
    ) -> list[str]:
        """None is ever kept to be replayed."""
        del deliveries, app, now
        return []

    def save_delivery(self, delivery: FunctionCall, away_before: Millis) -> SavedDelivery:
        """Without its argument: it is never made again."""
        return msgspec.structs.replace(delivery.fixed, away_before=away_before)

    def restore_delivery(self, saved: SavedFunctionCall) -> FunctionCall:
        """One whose caller is gone: it only has to end."""
        return FunctionCall(saved, None)

    @classmethod
    def restored_routing(cls, saved: SavedFunctionCall) -> dict[str, str] | None:
        """`call_id`."""
        return {"call_id": saved.id}

    @classmethod
    def restored_record(cls, saved: SavedFunctionCall, due_at: Instant) -> tuple[str, r.AnyBody]:
        """`call.received`."""
        del due_at
        return saved.id, _received(saved)

    def _count_user_call(self, module: ModuleKind, now: Instant) -> str | None:
        """Count a call by a user or a web trigger; the limit that it is over, if any."""
        if module not in USER_LED:
            return None
        full = self.meters.find_full(now, 1)
        if full is None:
            self.meters.consume(now, 1)
            return None
        full.count_refusal(now, 1)
        return full.name

    def _size_refusal(self, request: CallRequest) -> tuple[str, ErrorReport] | None:
        """The limit that the argument is over, and the error for that; None where it is not."""
        of_ui = request.module is ModuleKind.RESOLVER
        setting = s.INVOKE_REQUEST_KB if of_ui else s.INVOCATION_PAYLOAD_MB
        most = self._settings[setting]
        if most is None or request.size_bytes <= most * (_KIB if of_ui else _MIB):
            return None
        message = (
            f"the payload is {request.size_bytes:,} bytes of JSON, more than the "
            f"{most:,} {setting.unit} allowed ({setting.name})"
        )
        return setting.name, ErrorReport("PayloadTooLarge", message)

    def _end_failed(
        self,
        id: str,
        age: Millis,
        reason: str,
        now: Instant,
        *,
        error: ErrorReport | None,
        limit: str | None,
    ) -> None:
        failed = r.CallFailed(
            call_id=id, age_ms=age, reason=reason, limit=UNSET if limit is None else limit
        )
        self._context.journal.record(failed, now)
        self._results.append(CallResult(id, age, error=error, reason=reason, limit=limit))


def _bytes_over(text: str, most: int) -> int | None:
    """The length of `text` in UTF-8 if that is over `most`; None where it is not."""
    # A character is at most four bytes: most texts need no count of them.
    if 4 * len(text) <= most:
        return None
    size = len(text.encode())
    return size if size > most else None


def _received(fixed: SavedFunctionCall) -> r.CallReceived:
    key = fixed.resolver_key
    return r.CallReceived(
        call_id=fixed.id,
        module=str(fixed.module),
        module_key=fixed.module_key,
        function=fixed.function,
        size_bytes=fixed.size_bytes,
        resolver_key=UNSET if key is None else key,
    )


def _reason_of(outcome: Outcome) -> str:
    if isinstance(outcome, Failed) and outcome.error.name == _RESPONSE_TOO_LARGE:
        return DropReason.TOO_LARGE
    return str(outcome.__struct_config__.tag)
