"""Events that were dropped for want of a taker, and the oldest that ran out of retries."""

from __future__ import annotations

from collections import Counter

from msgspec import UNSET

from forge_emu.model import DropReason, Instant, Millis
from forge_emu.records import EventDropped, ProductEventDropped, RetryScheduled
from forge_emu.report.collectors.collector import Collector
from forge_emu.timeline.event_states import EventStates


class DroppedEvents(Collector):
    """`states` must still know a product event when its drop is added here."""

    def __init__(self, states: EventStates) -> None:
        self.handlers = {
            EventDropped: self._on_dropped,
            RetryScheduled: self._on_retry,
            ProductEventDropped: self._on_product_event_dropped,
        }
        self.without_trigger: Counter[str] = Counter()
        """Product events that no trigger listens to, by name."""
        self.without_consumer: Counter[str] = Counter()
        """Events dropped for want of a consumer, by queue."""
        self.last_queue = ""
        """The queue of the last event that was dropped for `max_retries`."""
        self.longest_age: Millis = 0
        """The age of the oldest event that was dropped for `max_retries`, when it was."""
        self.of_first_form = 0
        """Events dropped for `max_retries` that `@forge/events` 0 or 1 had pushed."""
        self.never_began = 0
        """Events dropped for `max_retries` of which no attempt could begin."""
        self.invocation_limits: Counter[str] = Counter()
        """How often each limit of invocations kept an attempt from beginning."""
        self._states = states

    def _on_dropped(self, body: EventDropped, at: Instant) -> None:
        if body.reason == DropReason.NO_CONSUMER:
            self.without_consumer[body.queue] += 1
        elif body.reason == DropReason.MAX_RETRIES:
            self.last_queue = body.queue
            self.of_first_form += body.first_form is True
            self.never_began += not body.attempts
            self.longest_age = max(self.longest_age, body.age_ms)

    def _on_retry(self, body: RetryScheduled, at: Instant) -> None:
        if body.limit is not UNSET:
            self.invocation_limits[body.limit] += 1

    def _on_product_event_dropped(self, body: ProductEventDropped, at: Instant) -> None:
        event = self._states.product_events.get(body.product_event_id)
        if body.reason == DropReason.NO_TRIGGER and event is not None:
            self.without_trigger[event.name] += 1
