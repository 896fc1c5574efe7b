"""Product events: which triggers get one, and when all of them are done with it.

https://developer.atlassian.com/platform/forge/events-reference/product_events/ (2026-08-06)
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import msgspec
from msgspec import UNSET

from forge_emu import settings as s
from forge_emu.engine.dirty import DirtySet
from forge_emu.engine.event_filters import FindProperty, judge_event
from forge_emu.engine.journal.journal import Journal
from forge_emu.model import App, DropReason, Instant, Json, ProductEvent, Subscription, Trigger
from forge_emu.records import (
    Log,
    ProductEventDropped,
    ProductEventFiltered,
    ProductEventSent,
    ProductEventSucceeded,
)

OnSent: TypeAlias = Callable[[ProductEvent, str | None, Instant], None]
"""Gets a product event that is sent, what it is about, and when."""


class SavedProductEvent(msgspec.Struct, frozen=True, array_like=True):
    """A product event that some of its triggers are done with, and others are not."""

    sent_at: Instant
    attempts: int
    reason: str | None


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
        self,
        journal: Journal,
        settings: s.Settings,
        find_property: FindProperty = lambda owner, key: None,
    ) -> None:
        self._journal = journal
        self._find_property = find_property
        self._settings = settings
        self.dirty: DirtySet[str] = DirtySet()
        self.open: dict[str, ProductEventProgress] = {}
        self.on_sent: OnSent | None = None
        """Called with every product event that is sent, whoever listens."""

    def send(
        self,
        event: ProductEvent,
        subject: str | None,
        app: App,
        now: Instant,
        replay_of: str | None = None,
    ) -> dict[str, dict[str, Json]]:
        """Record the event; answers the keys of the triggers that take it.

        Each with the fields that its payload has beside those of the event.

        `replay_of` is the event that this one repeats.
        """
        self._record_sent(event, subject, now, replay_of)
        listening = [
            (trigger, found)
            for trigger in app.triggers
            if (found := _subscription(trigger.subscriptions, event.name))
        ]
        most = self._settings[s.PRODUCT_MAX_KB]
        # The documentation writes kB here, where it writes KB elsewhere.
        if listening and most is not None and event.size_bytes > most * 1000:
            self._record_filtered(event, None, "too_large", now)
            self._record_undelivered(event, DropReason.TOO_LARGE, now)
            return {}
        taking: dict[str, dict[str, Json]] = {}
        for trigger, subscription in listening:
            verdict = judge_event(event, subscription, self._settings, self._find_property)
            if verdict.error and verdict.log:
                self._log_error(trigger, subscription, verdict.error, now)
            if verdict.reason is None:
                taking[trigger.key] = verdict.extra
            else:
                self._record_filtered(event, trigger.key, verdict.reason, now, verdict.error)
        if not taking:
            self._record_undelivered(
                event, DropReason.FILTERED if listening else DropReason.NO_TRIGGER, now
            )
        else:
            self.open[event.product_event_id] = ProductEventProgress(now, len(taking))
        return taking

    def stop_cycle(self, event: ProductEvent, subject: str | None, now: Instant) -> None:
        """Record an event that no trigger gets, because its chain has caused too many."""
        self._record_sent(event, subject, now)
        self._record_filtered(event, None, "cyclic_limit", now)
        self._record_undelivered(event, DropReason.CYCLIC_LIMIT, now)

    def end_delivery(self, id: str, attempts: int, dropped_for: str | None, now: Instant) -> None:
        """A trigger is done with the event `id` after `attempts`; the last one ends it.

        `dropped_for` says why its delivery was dropped, None that it succeeded.
        """
        progress = self.open[id]
        self.dirty.mark(id)
        progress.remaining -= 1
        progress.attempts += attempts
        progress.reason = progress.reason or dropped_for
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

    def restore_open(self, id: str, created_at: Instant) -> None:
        """Restore one delivery of the event `id` of before a restart that has not ended."""
        progress = self.open.get(id)
        if progress is None:
            progress = self.open[id] = ProductEventProgress(created_at, 0)
        progress.remaining += 1

    def restore_progress(self, id: str, saved: SavedProductEvent) -> None:
        """Restore what the triggers that are done have left, where others are not."""
        if progress := self.open.get(id):
            progress.sent_at = saved.sent_at
            progress.attempts = saved.attempts
            progress.reason = saved.reason

    def _record_sent(
        self, event: ProductEvent, subject: str | None, now: Instant, replay_of: str | None = None
    ) -> None:
        if self.on_sent is not None:
            self.on_sent(event, subject, now)
        self._journal.record(
            ProductEventSent(
                product_event_id=event.product_event_id,
                name=event.name,
                size_bytes=event.size_bytes,
                subject=subject,
                batch=event.batch,
                replay_of=UNSET if replay_of is None else replay_of,
                caused_by=event.caused_by or UNSET,
            ),
            now,
        )

    def _record_filtered(
        self,
        event: ProductEvent,
        trigger: str | None,
        why: str,
        now: Instant,
        error: str | None = None,
    ) -> None:
        self._journal.record(
            ProductEventFiltered(
                product_event_id=event.product_event_id,
                trigger=trigger,
                reason=why,
                error=UNSET if error is None else error,
            ),
            now,
        )

    def _log_error(
        self, trigger: Trigger, subscription: Subscription, error: str, now: Instant
    ) -> None:
        """On Forge this is in the app's logs, and not in the tunnel."""
        gets = "gets" if subscription.on_error.startswith("RECEIVE") else "does not get"
        place = f"{subscription.place}: " if subscription.place else ""
        message = (
            f"{place}the filter of the trigger {trigger.key!r} failed on {subscription.event}: "
            f"{error}; it {gets} the event ({subscription.on_error})"
        )
        self._journal.record(Log(level="error", message=message), now)

    def _record_undelivered(self, event: ProductEvent, reason: str, now: Instant) -> None:
        self._journal.record(
            ProductEventDropped(
                product_event_id=event.product_event_id, attempts=0, age_ms=0, reason=reason
            ),
            now,
        )


def _subscription(subscriptions: tuple[Subscription, ...], name: str) -> Subscription | None:
    return next((x for x in subscriptions if x.event == name), None)
