"""How many events and product events there are, by state."""

from __future__ import annotations

from typing import Any

from forge_emu.report.collectors.collector import Collector
from forge_emu.report.summary import EventFigures, ProductFigures
from forge_emu.timeline.counts import ProductCounts, QueueCounts
from forge_emu.timeline.event_states import EventStates


class StateCollector(Collector):
    """Counts of product events, of events, and of the events of each queue."""

    def __init__(self) -> None:
        self.states = EventStates()
        self.handlers = self.states.handlers

    def result(self) -> dict[str, Any]:
        """The counts in all, and by queue."""
        queues = sorted(self.states.queues.items())
        return {
            "product_events": _product_figures(self.states.products),
            "events": _event_figures(self.states.total),
            "queues": {name: _event_figures(counts) for name, counts in queues},
        }

    def progress(self) -> dict[str, int]:
        """The figures that a progress bar needs."""
        products, events = self.states.products, self.states.total
        return {
            "sent": products.sent,
            "succeeded": products.succeeded,
            "dropped": products.dropped,
            "pending": products.pending,
            "events_pushed": events.pushed,
            "events_succeeded": events.succeeded,
            "events_dropped": events.dropped,
            "events_expired": events.expired,
            "events_cancelled": events.cancelled,
            "events_pending": events.pending,
        }


def _event_figures(counts: QueueCounts) -> EventFigures:
    return EventFigures(
        pushed=counts.pushed,
        succeeded=counts.succeeded,
        dropped=counts.dropped,
        expired=counts.expired,
        cancelled=counts.cancelled,
        pending=counts.pending,
        scheduled=counts.scheduled,
        running=counts.running,
        waiting=counts.waiting,
    )


def _product_figures(counts: ProductCounts) -> ProductFigures:
    return ProductFigures(
        sent=counts.sent,
        succeeded=counts.succeeded,
        dropped=counts.dropped,
        pending=counts.pending,
        queued=counts.queued,
        running=counts.running,
        waiting=counts.waiting,
        filtered=counts.filtered,
    )
