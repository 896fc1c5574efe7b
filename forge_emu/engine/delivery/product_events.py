"""Product events: which triggers get one, and when all of them are done with it.

https://developer.atlassian.com/platform/forge/events-reference/product_events/ (2026-08-06)
"""

from __future__ import annotations

from msgspec import UNSET

from forge_emu import settings as s
from forge_emu.engine.delivery.delivery import State, TriggerDelivery
from forge_emu.engine.dirty import Dirty
from forge_emu.engine.journal.journal import Journal
from forge_emu.engine.latencies import Latencies
from forge_emu.model import App, Instant, ProductEvent, Subscription
from forge_emu.records import (
    ProductEventDropped,
    ProductEventFiltered,
    ProductEventSent,
    ProductEventSucceeded,
)


class ProductEventProgress:
    """A product event that some trigger is still working on."""

    __slots__ = ("attempts", "reason", "remaining", "sent_at")

    def __init__(self, sent_at: Instant, remaining: int) -> None:
        self.sent_at = sent_at
        self.remaining = remaining
        self.attempts = 0
        self.reason: str | None = None


class ProductEvents:
    """The product events under way. Each ends in exactly one terminal record."""

    def __init__(
        self, journal: Journal, settings: s.Settings, latencies: Latencies, dirty: Dirty
    ) -> None:
        self._latencies = latencies
        self._journal = journal
        self._settings = settings
        self._dirty = dirty
        self.open: dict[str, ProductEventProgress] = {}

    def create_deliveries(
        self,
        event: ProductEvent,
        subject: str | None,
        app: App,
        now: Instant,
        replay_of: str | None = None,
    ) -> list[TriggerDelivery]:
        """Record the event and make a delivery for each trigger that takes it.

        `replay_of` is the event that this one repeats.
        """
        self._journal.record(
            ProductEventSent(
                product_event_id=event.product_event_id,
                name=event.name,
                size_bytes=event.size_bytes,
                subject=subject,
                batch=event.batch,
                replay_of=UNSET if replay_of is None else replay_of,
            ),
            now,
        )
        listening = [
            (trigger, found)
            for trigger in app.triggers
            if (found := _subscription(trigger.subscriptions, event.name))
        ]
        most = self._settings[s.PRODUCT_MAX_KB]
        # The documentation writes kB here, where it writes KB elsewhere.
        if listening and most is not None and event.size_bytes > most * 1000:
            self._record_filtered(event, None, "too_large", now)
            self._record_undelivered(event, "too_large", now)
            return []
        deliveries: list[TriggerDelivery] = []
        for trigger, subscription in listening:
            if subscription.ignore_self and event.payload.get("selfGenerated") is True:
                self._record_filtered(event, trigger.key, "ignore_self", now)
            else:
                due_at = now + self._latencies.product_event()
                deliveries.append(TriggerDelivery(event, trigger.key, now, due_at))
        if not deliveries:
            self._record_undelivered(event, "filtered" if listening else "no_trigger", now)
        else:
            self.open[event.product_event_id] = ProductEventProgress(now, len(deliveries))
        return deliveries

    def end_delivery(self, delivery: TriggerDelivery, reason: str, now: Instant) -> None:
        """Note the end of one delivery; the last one ends the product event."""
        id = delivery.event.product_event_id
        progress = self.open[id]
        self._dirty.mark_product_event(id)
        progress.remaining -= 1
        progress.attempts += delivery.attempts
        if delivery.state is State.DROPPED:
            progress.reason = progress.reason or reason
        if progress.remaining:
            return
        del self.open[id]
        age = now - progress.sent_at
        if progress.reason is None:
            self._journal.record(
                ProductEventSucceeded(product_event_id=id, attempts=progress.attempts, age_ms=age),
                now,
            )
        else:
            self._journal.record(
                ProductEventDropped(
                    product_event_id=id,
                    attempts=progress.attempts,
                    age_ms=age,
                    reason=progress.reason,
                ),
                now,
            )

    def _record_filtered(
        self, event: ProductEvent, trigger: str | None, why: str, now: Instant
    ) -> None:
        self._journal.record(
            ProductEventFiltered(
                product_event_id=event.product_event_id, trigger=trigger, reason=why
            ),
            now,
        )

    def _record_undelivered(self, event: ProductEvent, reason: str, now: Instant) -> None:
        self._journal.record(
            ProductEventDropped(
                product_event_id=event.product_event_id, attempts=0, age_ms=0, reason=reason
            ),
            now,
        )


def _subscription(subscriptions: tuple[Subscription, ...], name: str) -> Subscription | None:
    return next((x for x in subscriptions if x.event == name), None)
