"""Work that was claimed before it was done, and was not done when the claim was found again.

An event whose attempt wrote a key and then failed is delivered again. If the next attempt is
refused because the key has a value, and ends well, nobody does the work.
"""

from __future__ import annotations

from collections import Counter
from typing import Final

from forge_emu.model import Instant
from forge_emu.records import (
    EventCancelled,
    EventDropped,
    EventExpired,
    EventPushed,
    EventSucceeded,
    InvocationFinished,
    InvocationStarted,
    KvsDone,
    KvsRefused,
    ProductEventDropped,
    ProductEventSucceeded,
    RequestMocked,
)
from forge_emu.report.collectors.collector import Collector
from forge_emu.settings.rate import READS, base_operation
from forge_emu.settings.refusals import KVS_KEY_POLICY

_SETS: Final = ("set", "set_secret", "set_entity")
_MOST_OPEN: Final = 20_000


class _Attempt:
    """A running attempt: the key that it set first, and the claim of an earlier one that it met.

    What it does before anything else is a claim; what it sets after some work may say that this is
    done.
    """

    __slots__ = ("claim", "event", "function", "has_worked", "met")

    def __init__(self, event: str, function: str) -> None:
        self.event = event
        self.function = function
        self.claim: str | None = None
        self.has_worked = False
        self.met: str | None = None


class LostClaims(Collector):
    """Counts events whose own claim kept their work from being done. Bounded by what is open."""

    def __init__(self) -> None:
        self.handlers = {
            InvocationStarted: self._on_started,
            InvocationFinished: self._on_finished,
            KvsDone: self._on_done,
            EventPushed: self._on_pushed,
            RequestMocked: self._on_mocked,
            KvsRefused: self._on_refused,
            EventSucceeded: self._on_ended,
            EventDropped: self._on_ended,
            EventExpired: self._on_ended,
            EventCancelled: self._on_ended,
            ProductEventSucceeded: self._on_product_ended,
            ProductEventDropped: self._on_product_ended,
        }
        self.events: Counter[str] = Counter()
        """By function, the events whose work was not done."""
        self.example: dict[str, tuple[str, str]] = {}
        """By function, a key that was found claimed, and how the attempt that set it ended."""
        self._open: dict[str, _Attempt] = {}
        # Keys that failed attempts of an open event have set, and how these ended.
        self._claimed: dict[str, dict[str, str]] = {}

    def _on_started(self, body: InvocationStarted, at: Instant) -> None:
        event = body.event_id if isinstance(body.event_id, str) else body.product_event_id
        if isinstance(event, str) and not body.duplicate:
            self._open[body.invocation_id] = _Attempt(event, body.function)

    def _on_done(self, body: KvsDone, at: Instant) -> None:
        attempt = self._open.get(body.invocation_id or "")
        if attempt and base_operation(body.operation) not in READS:
            if body.operation in _SETS and not attempt.has_worked:
                attempt.claim = body.key
            attempt.has_worked = True

    def _on_pushed(self, body: EventPushed, at: Instant) -> None:
        if attempt := self._open.get(body.invocation_id):
            attempt.has_worked = True

    def _on_mocked(self, body: RequestMocked, at: Instant) -> None:
        attempt = self._open.get(body.invocation_id or "")
        if attempt and body.method != "GET":
            attempt.has_worked = True

    def _on_refused(self, body: KvsRefused, at: Instant) -> None:
        attempt = self._open.get(body.invocation_id or "")
        if attempt is None or body.limit != KVS_KEY_POLICY.name:
            return
        if body.key in self._claimed.get(attempt.event, ()):
            attempt.met = body.key

    def _on_finished(self, body: InvocationFinished, at: Instant) -> None:
        attempt = self._open.pop(body.invocation_id, None)
        if attempt is None:
            return
        if body.outcome != "success":
            if attempt.claim is not None and len(self._claimed) < _MOST_OPEN:
                self._claimed.setdefault(attempt.event, {})[attempt.claim] = body.outcome
        elif attempt.met is not None:
            self.events[attempt.function] += 1
            how = self._claimed[attempt.event][attempt.met]
            self.example.setdefault(attempt.function, (attempt.met, how))

    def _on_ended(
        self, body: EventSucceeded | EventDropped | EventExpired | EventCancelled, at: Instant
    ) -> None:
        self._claimed.pop(body.event_id, None)

    def _on_product_ended(
        self, body: ProductEventSucceeded | ProductEventDropped, at: Instant
    ) -> None:
        self._claimed.pop(body.product_event_id, None)
