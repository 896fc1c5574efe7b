"""Injects faults: calls of the store that fail, outcomes of handlers that never arrive.

The handler has done its work and the platform loses its outcome: the case an app has to survive,
because the work is done again.
"""

from __future__ import annotations

from typing import Final

from forge_emu import settings as s
from forge_emu.engine.faults.rules import FaultRule, FaultRules
from forge_emu.engine.journal.journal import Journal
from forge_emu.errors import Fault
from forge_emu.latency import LONGEST_LATENCY
from forge_emu.model import (
    SECOND,
    ErrorReport,
    Instant,
    Interrupted,
    Millis,
    Outcome,
    OutOfMemory,
    PlatformError,
    TimedOut,
    iso8601,
)
from forge_emu.records import FaultInjected
from forge_emu.settings.faults import (
    INVOCATION_TIMEOUT,
    KVS_ERROR,
    PLATFORM_ERROR,
    PRODUCT_ERROR,
    PRODUCT_RATE_LIMIT,
    FaultKind,
)
from forge_emu.settings.refusals import KVS_ERROR_INJECTED

_REASONS: Final = {
    "jira": "jira-burst-based",
    "confluence": "confluence-quota-global-based",
}
"""`RateLimit-Reason` of an injected refusal: what the pages of each product name."""


class FaultInjector:
    """The faults of a run, and the invocations that one applies to."""

    def __init__(self, rules: FaultRules, journal: Journal, settings: s.Settings) -> None:
        self._rules = rules
        self._settings = settings
        self._journal = journal
        self.planned_faults: dict[str, FaultRule] = {}
        """By invocation, what will replace its outcome."""
        self._withheld: set[str] = set()

    def inject_kvs_error(self, invocation_id: str | None, now: Instant) -> None:
        """Before a call of the store. Raises Fault (500) where a rule hits it."""
        if rule := self._draw_fault(KVS_ERROR, invocation_id, now):
            message = f"An internal server error, injected by the fault {rule.text}."
            body = {"code": "INTERNAL_SERVER_ERROR", "message": message}
            raise Fault(500, body, limit=KVS_ERROR_INJECTED.name)

    def inject_product_error(self, product: str, invocation_id: str | None, now: Instant) -> None:
        """Before a request to a product or a remote. Raises Fault (503, 429) where a rule hits
        it."""
        if rule := self._draw_fault(PRODUCT_ERROR, invocation_id, now):
            message = f"The service is unavailable, injected by the fault {rule.text}."
            body = {"code": "SERVICE_UNAVAILABLE", "message": message, "errorMessages": [message]}
            raise Fault(503, body)
        if rule := self._draw_fault(PRODUCT_RATE_LIMIT, invocation_id, now):
            message = f"Too many requests, injected by the fault {rule.text}."
            body = {"code": "TOO_MANY_REQUESTS", "message": message, "errorMessages": [message]}
            raise Fault(429, body, headers=self._rate_limit_headers(product, now))

    def _rate_limit_headers(self, product: str, now: Instant) -> dict[str, str]:
        """As the product gives them; another service tells no more than when to come again."""
        wait = self._settings[s.FAULT_RETRY_AFTER_SECONDS]
        if product not in _REASONS:
            return {"Retry-After": str(wait)}
        reset = iso8601(self._journal.epoch_ms + now + wait * SECOND)
        return {
            "Retry-After": str(wait),
            "X-RateLimit-Remaining": "0",
            "X-RateLimit-Reset": f"{reset[:19]}Z",
            "RateLimit-Reason": _REASONS[product],
        }

    def apply_latency_faults(
        self, latency: Millis, kind: FaultKind, invocation_id: str | None, now: Instant
    ) -> Millis:
        """The latency of a call, multiplied by the faults of `kind`."""
        if not latency:
            return 0
        for rule in self._rules.rules_in_force(kind.name, now):
            latency = min(round(latency * rule.factor), LONGEST_LATENCY)
            self._record_call_fault(rule, invocation_id, now)
        return latency

    def plan_invocation_fault(self, invocation_id: str, now: Instant) -> None:
        """An invocation began: draw the fault that will replace its outcome, if any."""
        if not self._rules.rules:
            return
        # Both are drawn, so that the stream of each stays the same whatever the other does.
        kinds = (PLATFORM_ERROR, INVOCATION_TIMEOUT)
        drawn = [self._rules.draw_fault(kind.name, now) for kind in kinds]
        if rule := next((rule for rule in drawn if rule is not None), None):
            self.planned_faults[invocation_id] = rule

    def withhold_outcome(
        self, invocation_id: str, ids: dict[str, str], outcome: Outcome, now: Instant
    ) -> bool:
        """Whether the outcome of a handler that has ended is withheld until its deadline."""
        if invocation_id in self._withheld:
            return not isinstance(outcome, TimedOut)
        rule = self.planned_faults.get(invocation_id)
        if rule is None or rule.kind != INVOCATION_TIMEOUT.name or _has_no_result(outcome):
            return False
        self._withheld.add(invocation_id)
        self._record_delivery_fault(rule, invocation_id, ids, now)
        return True

    def apply_to_outcome(
        self, invocation_id: str, ids: dict[str, str], outcome: Outcome, now: Instant
    ) -> tuple[Outcome, bool]:
        """The outcome of an invocation, and whether a fault replaced the handler's."""
        rule = self.planned_faults.pop(invocation_id, None)
        if invocation_id in self._withheld:
            self._withheld.discard(invocation_id)
            return outcome, True
        if rule is None or rule.kind != PLATFORM_ERROR.name or _has_no_result(outcome):
            return outcome, False
        self._record_delivery_fault(rule, invocation_id, ids, now)
        report = ErrorReport("PlatformError", f"injected by the fault {rule.text}")
        return PlatformError(report), True

    def _draw_fault(
        self, kind: FaultKind, invocation_id: str | None, now: Instant
    ) -> FaultRule | None:
        """Draw the fault of a call, and record it."""
        rule = self._rules.draw_fault(kind.name, now)
        if rule is not None:
            self._record_call_fault(rule, invocation_id, now)
        return rule

    def _record_call_fault(self, rule: FaultRule, invocation_id: str | None, now: Instant) -> None:
        body = FaultInjected(fault=rule.kind, rule=rule.text, invocation_id=invocation_id)
        self._journal.record(body, now)

    def _record_delivery_fault(
        self, rule: FaultRule, invocation_id: str, ids: dict[str, str], now: Instant
    ) -> None:
        self._journal.record(
            FaultInjected(fault=rule.kind, rule=rule.text, invocation_id=invocation_id, **ids),
            now,
        )


def _has_no_result(outcome: Outcome) -> bool:
    """Whether the handler gave no outcome, without an injected fault."""
    return isinstance(outcome, TimedOut | OutOfMemory | PlatformError | Interrupted)
