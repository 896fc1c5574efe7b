"""The state of everything that has not ended, and counts of what has. Reads records only.

Records about events it does not know (a stream read from its middle) change nothing.
"""

from __future__ import annotations

from functools import partial

import msgspec

from forge_emu.model import Instant
from forge_emu.records import (
    EventCancelled,
    EventDropped,
    EventExpired,
    EventPushed,
    EventSucceeded,
    InvocationFinished,
    InvocationStarted,
    ProductEventDropped,
    ProductEventFiltered,
    ProductEventSent,
    ProductEventSucceeded,
    Record,
)
from forge_emu.timeline.counts import ProductCounts, QueueCounts
from forge_emu.timeline.handlers import Handlers


class OpenEvent(msgspec.Struct, eq=False):
    """An event that has not ended. `state` is scheduled, running or waiting."""

    id: str
    queue: str
    pushed_at: Instant
    state: str = "scheduled"


class OpenProductEvent(msgspec.Struct, eq=False):
    """A product event that has not ended. `state` is queued, running or waiting.

    Several triggers can work on it at once: it is running while any of them is.
    """

    id: str
    name: str
    subject: str | None
    sent_at: Instant
    state: str = "queued"
    running: int = 0


class EventStates:
    """Counts per queue, in all, and of product events.

    `handlers` takes the body and the instant of each type of record that changes a state. No
    lambdas: a copy would count in the original.
    """

    def __init__(self) -> None:
        # By the names of the fields of `QueueCounts` and `ProductCounts`.
        self._queues: dict[str, dict[str, int]] = {}
        self._products = dict.fromkeys(ProductCounts.__struct_fields__, 0)
        self.events: dict[str, OpenEvent] = {}
        self.product_events: dict[str, OpenProductEvent] = {}
        self.handlers: Handlers = {
            ProductEventSent: self._on_sent,
            ProductEventFiltered: self._on_filtered,
            ProductEventSucceeded: partial(self._on_product_ended, state="succeeded"),
            ProductEventDropped: partial(self._on_product_ended, state="dropped"),
            EventPushed: self._on_pushed,
            InvocationStarted: self._on_started,
            InvocationFinished: self._on_finished,
            EventSucceeded: partial(self._on_ended, state="succeeded"),
            EventDropped: partial(self._on_ended, state="dropped"),
            EventExpired: partial(self._on_ended, state="expired"),
            EventCancelled: partial(self._on_ended, state="cancelled"),
        }

    def add_record(self, record: Record) -> None:
        """Add the next record."""
        if handle := self.handlers.get(type(record.body)):
            handle(record.body, record.at)

    @property
    def queues(self) -> dict[str, QueueCounts]:
        """By queue, in the order in which something was first pushed to them."""
        return {name: QueueCounts(**counts) for name, counts in self._queues.items()}

    @property
    def total(self) -> QueueCounts:
        """Of all queues together."""
        queues = self._queues.values()
        names = QueueCounts.__struct_fields__
        return QueueCounts(*(sum(counts[name] for counts in queues) for name in names))

    @property
    def products(self) -> ProductCounts:
        """Of product events."""
        return ProductCounts(**self._products)

    # --- events -------------------------------------------------------------------------------

    def _on_pushed(self, body: EventPushed, at: Instant) -> None:
        if body.event_id in self.events:
            return
        self.events[body.event_id] = OpenEvent(body.event_id, body.queue, at)
        queue = self._queues.get(body.queue)
        if queue is None:
            queue = self._queues[body.queue] = dict.fromkeys(QueueCounts.__struct_fields__, 0)
        queue["pushed"] += 1
        queue["scheduled"] += 1

    def _set_event_state(self, event_id: str, state: str) -> None:
        event = self.events.get(event_id)
        if event is not None and event.state != state:
            _move(self._queues[event.queue], event.state, state)
            event.state = state

    def _on_ended(
        self,
        body: EventSucceeded | EventDropped | EventExpired | EventCancelled,
        at: Instant,
        *,
        state: str,
    ) -> None:
        event = self.events.pop(body.event_id, None)
        if event is not None:
            _move(self._queues[event.queue], event.state, state)

    # --- product events -----------------------------------------------------------------------

    def _on_sent(self, body: ProductEventSent, at: Instant) -> None:
        id = body.product_event_id
        if id in self.product_events:
            return
        self.product_events[id] = OpenProductEvent(id, body.name, body.subject, at)
        self._products["sent"] += 1
        self._products["queued"] += 1

    def _on_filtered(self, body: ProductEventFiltered, at: Instant) -> None:
        self._products["filtered"] += 1

    def _on_product_ended(
        self, body: ProductEventSucceeded | ProductEventDropped, at: Instant, *, state: str
    ) -> None:
        event = self.product_events.pop(body.product_event_id, None)
        if event is not None:
            _move(self._products, event.state, state)

    def _set_product_event_state(self, event: OpenProductEvent) -> None:
        state = "running" if event.running else "waiting"
        _move(self._products, event.state, state)
        event.state = state

    # --- both ---------------------------------------------------------------------------------

    def _on_started(self, body: InvocationStarted, at: Instant) -> None:
        if isinstance(body.event_id, str):
            self._set_event_state(body.event_id, "running")
        elif isinstance(body.product_event_id, str):
            event = self.product_events.get(body.product_event_id)
            if event is not None:
                event.running += 1
                self._set_product_event_state(event)

    def _on_finished(self, body: InvocationFinished, at: Instant) -> None:
        if isinstance(body.event_id, str):
            self._set_event_state(body.event_id, "waiting")
        elif isinstance(body.product_event_id, str):
            event = self.product_events.get(body.product_event_id)
            if event is not None:
                event.running = max(0, event.running - 1)
                self._set_product_event_state(event)


def _move(counts: dict[str, int], old: str, new: str) -> None:
    """Count one under `new` rather than `old`."""
    counts[old] -= 1
    counts[new] += 1
