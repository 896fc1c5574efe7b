"""Requests that nothing answered, and the events that succeeded all the same."""

from __future__ import annotations

from typing import Any, Final

from forge_emu.model import Instant
from forge_emu.records import (
    EventCancelled,
    EventDropped,
    EventSucceeded,
    ProductEventDropped,
    ProductEventSucceeded,
    RequestRefused,
    RequestUnsupported,
)
from forge_emu.report.collectors.collector import Collector
from forge_emu.report.collectors.counts import MOST_NAMES
from forge_emu.report.summary import MissingAnswers
from forge_emu.settings.refusals import EGRESS_HELD_BACK, EGRESS_HTTPS, EGRESS_PERMISSION
from forge_emu.timeline.invocations import ObservedInvocations

UNANSWERED: Final = (EGRESS_HELD_BACK.name, EGRESS_HTTPS.name, EGRESS_PERMISSION.name)
"""The `limit` of a refusal by which a request got no answer of whom it was for."""


class MissingAnswersCollector(Collector):
    """Remembers the open events of which a request went nowhere."""

    def __init__(self, invocations: ObservedInvocations) -> None:
        self.handlers = {
            RequestUnsupported: self._on_unanswered,
            RequestRefused: self._on_refused,
            EventSucceeded: self._on_succeeded,
            EventDropped: self._on_ended,
            EventCancelled: self._on_ended,
            ProductEventSucceeded: self._on_product_event_succeeded,
            ProductEventDropped: self._on_product_event_ended,
        }
        self._requests = 0
        self._events = 0
        self._product_events = 0
        self._mocks: dict[str, None] = {}
        self._running = invocations.by_id
        self._affected: set[str] = set()

    def result(self) -> dict[str, Any]:
        """The counts, and the mocks that are missing."""
        found = MissingAnswers(
            requests=self._requests,
            product_events=self._product_events,
            events=self._events,
            mocks=list(self._mocks),
        )
        return {"missing_answers": found}

    def _on_refused(self, body: RequestRefused, at: Instant) -> None:
        if body.limit in UNANSWERED:
            self._on_unanswered(body, at)

    def _on_unanswered(self, body: RequestRefused | RequestUnsupported, at: Instant) -> None:
        self._requests += 1
        if body.mock is not None and len(self._mocks) < MOST_NAMES:
            self._mocks[body.mock + _first_of_all(body)] = None
        invocation = self._running.get(body.invocation_id or "")
        if invocation is not None and (event := invocation.event) is not None:
            self._affected.add(event)

    def _on_succeeded(self, body: EventSucceeded, at: Instant) -> None:
        self._events += body.event_id in self._affected
        self._affected.discard(body.event_id)

    def _on_ended(self, body: EventDropped | EventCancelled, at: Instant) -> None:
        self._affected.discard(body.event_id)

    def _on_product_event_succeeded(self, body: ProductEventSucceeded, at: Instant) -> None:
        self._product_events += body.product_event_id in self._affected
        self._affected.discard(body.product_event_id)

    def _on_product_event_ended(self, body: ProductEventDropped, at: Instant) -> None:
        self._affected.discard(body.product_event_id)


def _first_of_all(body: RequestRefused | RequestUnsupported) -> str:
    """A comment for a mock that answers nothing until the manifest allows the address."""
    if not isinstance(body, RequestRefused) or body.limit != EGRESS_PERMISSION.name:
        return ""
    return f"  # first allow {body.host} in the manifest: permissions.external.fetch.backend"
