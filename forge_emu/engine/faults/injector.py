"""Where faults strike: calls of the store that fail, answers of handlers that never arrive.

A struck handler has done its work, and the platform loses what it answers: the case an app has to
survive, because the work is done again.
"""

from __future__ import annotations

from typing import Final

from forge_emu.engine.delivery.deliveries import id_of
from forge_emu.engine.delivery.delivery import Delivery
from forge_emu.engine.faults.rules import (
    INVOCATION_TIMEOUT,
    KVS_ERROR,
    PLATFORM_ERROR,
    PRODUCT_ERROR,
    FaultRule,
    Faults,
)
from forge_emu.engine.journal.journal import Journal
from forge_emu.errors import Fault
from forge_emu.latency import LONGEST
from forge_emu.model import (
    ErrorReport,
    Instant,
    Millis,
    Outcome,
    OutOfMemory,
    PlatformError,
    TimedOut,
)
from forge_emu.records import FaultInjected

KVS_ERROR_LIMIT: Final = f"fault:{KVS_ERROR}"
"""What `kvs.refused` names as its limit."""


class Injection:
    """The faults of a run, and the invocations they have in hand."""

    def __init__(self, faults: Faults, journal: Journal) -> None:
        self._faults = faults
        self._journal = journal
        self._doomed: dict[str, FaultRule] = {}
        self._held: set[str] = set()

    def kvs(self, invocation_id: str | None, now: Instant) -> None:
        """A call of the store. Raises Fault (500) where it is struck."""
        if rule := self._struck(KVS_ERROR, invocation_id, now):
            message = f"An internal server error, injected by the fault {rule.text}."
            body = {"code": "INTERNAL_SERVER_ERROR", "message": message}
            raise Fault(500, body, limit=KVS_ERROR_LIMIT)

    def product(self, invocation_id: str | None, now: Instant) -> None:
        """A request to a product or a remote. Raises Fault (503) where it is struck."""
        if rule := self._struck(PRODUCT_ERROR, invocation_id, now):
            message = f"The service is unavailable, injected by the fault {rule.text}."
            body = {"code": "SERVICE_UNAVAILABLE", "message": message, "errorMessages": [message]}
            raise Fault(503, body)

    def slowed(self, latency: Millis, what: str, invocation_id: str | None, now: Instant) -> Millis:
        """The latency of a call, with the faults of the kind `what` that multiply it."""
        if not latency:
            return 0
        for rule in self._faults.in_force(what, now):
            latency = min(round(latency * rule.factor), LONGEST)
            self._tell(rule, invocation_id, now)
        return latency

    def started(self, invocation_id: str, now: Instant) -> None:
        """An invocation began: decide whether its answer will arrive."""
        # Both are asked, so that the stream of each stays the same whatever the other does.
        struck = [self._faults.strike(what, now) for what in (PLATFORM_ERROR, INVOCATION_TIMEOUT)]
        if rule := next((rule for rule in struck if rule is not None), None):
            self._doomed[invocation_id] = rule

    def holds(self, invocation_id: str, delivery: Delivery, outcome: Outcome, now: Instant) -> bool:
        """Whether the answer of a handler that has ended is kept back until its deadline."""
        if invocation_id in self._held:
            return not isinstance(outcome, TimedOut)
        rule = self._doomed.get(invocation_id)
        if rule is None or rule.what != INVOCATION_TIMEOUT or _is_lost(outcome):
            return False
        self._held.add(invocation_id)
        self._note(rule, invocation_id, delivery, now)
        return True

    def outcome(
        self, invocation_id: str, delivery: Delivery, outcome: Outcome, now: Instant
    ) -> tuple[Outcome, bool]:
        """How an invocation ends, and whether a fault rather than the handler is to blame."""
        rule = self._doomed.pop(invocation_id, None)
        if invocation_id in self._held:
            self._held.discard(invocation_id)
            return outcome, True
        if rule is None or rule.what != PLATFORM_ERROR or _is_lost(outcome):
            return outcome, False
        self._note(rule, invocation_id, delivery, now)
        report = ErrorReport("PlatformError", f"injected by the fault {rule.text}")
        return PlatformError(report), True

    def _struck(self, what: str, invocation_id: str | None, now: Instant) -> FaultRule | None:
        """The rule that strikes a call, on record."""
        rule = self._faults.strike(what, now)
        if rule is not None:
            self._tell(rule, invocation_id, now)
        return rule

    def _tell(self, rule: FaultRule, invocation_id: str | None, now: Instant) -> None:
        struck = FaultInjected(fault=rule.what, rule=rule.text, invocation_id=invocation_id)
        self._journal.note(struck, now)

    def _note(self, rule: FaultRule, invocation_id: str, delivery: Delivery, now: Instant) -> None:
        self._journal.note(
            FaultInjected(
                fault=rule.what, rule=rule.text, invocation_id=invocation_id, **id_of(delivery)
            ),
            now,
        )


def _is_lost(outcome: Outcome) -> bool:
    """Whether the handler's answer was lost without our doing."""
    return isinstance(outcome, TimedOut | OutOfMemory | PlatformError)
