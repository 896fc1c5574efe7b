"""What a developer can do to the queues. Every action is recorded."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import msgspec

from forge_emu.engine.delivery.deliveries import routing_fields
from forge_emu.engine.delivery.delivery import (
    Delivery,
    Duplicate,
    QueuedEvent,
    State,
    TriggerDelivery,
)
from forge_emu.engine.delivery.dropped import DroppedDeliveries
from forge_emu.engine.delivery.handler_arguments import subject_of
from forge_emu.engine.journal.secrets import Secrets
from forge_emu.engine.snapshot.parts import EngineParts
from forge_emu.model import App, Instant, Json
from forge_emu.records import ActedByHand

WAITING = (State.SCHEDULED, State.WAITING)
"""States of a delivery whose time has not come."""


class QueueAdmin:
    """Cancels, runs now, replays and pauses deliveries. The caller starts what has become ready."""

    def __init__(self, parts: EngineParts, new_id: Callable[[], str]) -> None:
        self.pauses = parts.pauses
        self._deliveries = parts.deliveries
        self._journal = parts.journal
        self._product_events = parts.product_events
        self._dirty = parts.dirty
        self._new_id = new_id

    @property
    def dropped(self) -> DroppedDeliveries:
        """The dropped deliveries that can be replayed."""
        return self._deliveries.dropped

    def open_deliveries(self) -> Iterator[Delivery]:
        """Every delivery that has not ended."""
        return iter(self._deliveries.open.values())

    def record_action(
        self, action: str, now: Instant, *, queue: str | None = None, events: int = 0
    ) -> None:
        """Record an action of the developer."""
        self._journal.record(ActedByHand(action=action, queue=queue, events=events), now)

    def cancel_events(self, ids: list[str], now: Instant) -> int:
        """Cancel queued events that wait; answers how many were."""
        found = [
            event
            for id in ids
            if isinstance(event := self._deliveries.open.get(id), QueuedEvent)
            and not isinstance(event, Duplicate)
            and event.state is not State.RUNNING
        ]
        if found:
            self.record_action("cancel", now, events=len(found))
        for event in found:
            self._deliveries.end_delivery(event, State.CANCELLED, "", now)
        return len(found)

    def run_deliveries_now(self, ids: list[str], now: Instant) -> int:
        """Skip the wait of deliveries; answers how many waited."""
        found = [
            delivery
            for id in ids
            if (delivery := self._deliveries.open.get(id)) and delivery.state in WAITING
        ]
        if found:
            self.record_action("run_now", now, events=len(found))
        for delivery in found:
            self._dirty.mark_delivery(delivery)
            self._deliveries.make_delivery_ready(delivery)
        return len(found)

    def replay_deliveries(self, ids: list[str], app: App, now: Instant) -> list[str]:
        """Deliver dropped deliveries again, as new events with all their attempts before them.

        Limits of pushing do not count here. Answers the new ids; unknown ones have none.
        """
        taken = [found for id in ids if (found := self.dropped.pop(id))]
        if taken:
            self.record_action("replay", now, events=len(taken))
        new: list[str] = []
        sent: set[str] = set()
        for delivery in taken:
            if isinstance(delivery, QueuedEvent):
                new.append(self._replay_event(delivery, now))
            elif isinstance(delivery, TriggerDelivery) and delivery.event.product_event_id not in (
                sent
            ):
                # One product event has a delivery for each trigger; it happens again once.
                sent.add(delivery.event.product_event_id)
                new.append(self._replay_product_event(delivery, app, now))
        return new

    def pause_queue(self, queue: str, now: Instant) -> bool:
        """Deliver nothing of `queue` from now on; False when that is so already."""
        if not self.pauses.pause_queue(queue):
            return False
        self.record_action("pause", now, queue=queue)
        return True

    def resume_queue(self, queue: str, now: Instant) -> bool:
        """Deliver `queue` again; False when it is not paused."""
        parked = self.pauses.resume_queue(queue)
        if parked is None:
            return False
        self.record_action("resume", now, queue=queue, events=len(parked))
        for event in parked:
            self._deliveries.enqueue_ready(event)
        return True

    def _replay_event(self, old: QueuedEvent, now: Instant) -> str:
        event = QueuedEvent(
            self._new_id(),
            old.origin,
            now,
            now,
            queue=old.queue,
            job_id=self._new_id(),
            item=old.item,
            size_bytes=old.size_bytes,
            legacy=old.legacy,
            concurrency_key=old.concurrency_key,
            concurrency_limit=old.concurrency_limit,
            pushed_by=old.pushed_by,
        )
        self._deliveries.enqueue_event(event, now, replay_of=old.id)
        return event.id

    def _replay_product_event(self, old: TriggerDelivery, app: App, now: Instant) -> str:
        event = msgspec.structs.replace(old.event, product_event_id=self._new_id(), batch=None)
        for delivery in self._product_events.create_deliveries(
            event, subject_of(event.payload), app, now, replay_of=old.event.product_event_id
        ):
            self._deliveries.add_delivery(delivery, now)
        return event.product_event_id


def delivery_fields(delivery: Delivery, secrets: Secrets) -> dict[str, Json]:
    """A delivery as plain values, for people and programs, without secrets."""
    place = routing_fields(delivery)
    if isinstance(delivery, QueuedEvent):
        place["queue"] = secrets.mask(delivery.queue)
    reason = delivery.retry_reason
    job = {"job_id": delivery.job_id} if isinstance(delivery, QueuedEvent) else {}
    return {
        **place,
        **job,
        "state": str(delivery.state),
        "due_at": delivery.due_at,
        "attempts": delivery.attempts,
        "retry_count": delivery.retry_count,
        "retry_reason": None if reason is None else secrets.mask(reason),
    }
