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
    KvsDone,
    KvsRefused,
    ProductEventDropped,
    ProductEventSucceeded,
    RequestMocked,
)
from forge_emu.report.collectors.collector import Collector
from forge_emu.settings.rate import READS, base_operation
from forge_emu.settings.refusals import KVS_KEY_POLICY
from forge_emu.timeline.invocations import ObservedInvocations

_SETS: Final = ("set", "set_secret", "set_entity")
_MOST_OPEN: Final = 20_000


class LostClaims(Collector):
    """Counts events whose own claim kept their work from being done. Bounded by what is open.

    What an attempt does before anything else is a claim; what it sets after some work may say that
    this is done.
    """

    def __init__(self, invocations: ObservedInvocations) -> None:
        self.handlers = {
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
        self._running = invocations.by_id
        # Keys that failed attempts of an open event have set, and how these ended.
        self._claimed: dict[str, dict[str, str]] = {}

    def _on_done(self, body: KvsDone, at: Instant) -> None:
        attempt = self._running.get(body.invocation_id or "")
        if attempt and base_operation(body.operation) not in READS:
            if body.operation in _SETS and not attempt.has_worked:
                attempt.claim = body.key
            attempt.has_worked = True

    def _on_pushed(self, body: EventPushed, at: Instant) -> None:
        if attempt := self._running.get(body.invocation_id):
            attempt.has_worked = True

    def _on_mocked(self, body: RequestMocked, at: Instant) -> None:
        attempt = self._running.get(body.invocation_id or "")
        if attempt and body.method != "GET":
            attempt.has_worked = True

    def _on_refused(self, body: KvsRefused, at: Instant) -> None:
        attempt = self._running.get(body.invocation_id or "")
        if attempt is None or body.limit != KVS_KEY_POLICY.name:
            return
        if body.key in self._claimed.get(attempt.event or "", ()):
            attempt.met_claim = body.key

    def _on_finished(self, body: InvocationFinished, at: Instant) -> None:
        attempt = self._running.get(body.invocation_id)
        if attempt is None or attempt.started.duplicate or (event := attempt.event) is None:
            return
        claim, met = attempt.claim, attempt.met_claim
        if body.outcome != "success":
            if claim is not None and len(self._claimed) < _MOST_OPEN:
                self._claimed.setdefault(event, {})[claim] = body.outcome
        elif met is not None:
            function = attempt.started.function
            self.events[function] += 1
            self.example.setdefault(function, (met, self._claimed[event][met]))

    def _on_ended(
        self, body: EventSucceeded | EventDropped | EventExpired | EventCancelled, at: Instant
    ) -> None:
        self._claimed.pop(body.event_id, None)

    def _on_product_ended(
        self, body: ProductEventSucceeded | ProductEventDropped, at: Instant
    ) -> None:
        self._claimed.pop(body.product_event_id, None)
