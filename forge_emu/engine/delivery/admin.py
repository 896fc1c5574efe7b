"""What a developer does to the queues by hand. Every act leaves a record."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import msgspec

from forge_emu.engine.delivery.deliveries import place_of
from forge_emu.engine.delivery.delivery import (
    Delivery,
    Duplicate,
    QueuedEvent,
    State,
    TriggerDelivery,
)
from forge_emu.engine.delivery.dropped import Dropped
from forge_emu.engine.delivery.handler_arguments import subject_of
from forge_emu.engine.journal.secrets import Secrets
from forge_emu.engine.snapshot.parts import Parts
from forge_emu.model import App, Instant, Json
from forge_emu.records import ActedByHand

WAITING = (State.SCHEDULED, State.WAITING)
"""States of a delivery whose time has not come."""


class ByHand:
    """Cancels, hurries, replays and holds deliveries. The caller starts what has become ready."""

    def __init__(self, parts: Parts, new_id: Callable[[], str]) -> None:
        self.pauses = parts.pauses
        self._settlement = parts.settlement
        self._journal = parts.journal
        self._products = parts.products
        self._touched = parts.touched
        self._new_id = new_id

    @property
    def dropped(self) -> Dropped:
        """The dropped deliveries that can be replayed."""
        return self._settlement.dropped

    def open(self) -> Iterator[Delivery]:
        """Every delivery that has not ended."""
        return iter(self._settlement.open.values())

    def note(self, action: str, now: Instant, *, queue: str | None = None, events: int = 0) -> None:
        """Record that something was done by hand."""
        self._journal.note(ActedByHand(action=action, queue=queue, events=events), now)

    def cancel(self, ids: list[str], now: Instant) -> int:
        """Cancel queued events that wait; answers how many were."""
        found = [
            event
            for id in ids
            if isinstance(event := self._settlement.open.get(id), QueuedEvent)
            and not isinstance(event, Duplicate)
            and event.state is not State.RUNNING
        ]
        if found:
            self.note("cancel", now, events=len(found))
        for event in found:
            self._settlement.end(event, State.CANCELLED, "", now)
        return len(found)

    def hurry(self, ids: list[str], now: Instant) -> int:
        """Skip the wait of deliveries; answers how many waited."""
        found = [
            delivery
            for id in ids
            if (delivery := self._settlement.open.get(id)) and delivery.state in WAITING
        ]
        if found:
            self.note("run_now", now, events=len(found))
        for delivery in found:
            self._touched.delivery(delivery)
            self._settlement.make_ready(delivery)
        return len(found)

    def replay(self, ids: list[str], app: App, now: Instant) -> list[str]:
        """Deliver dropped deliveries again, as new events with all their attempts before them.

        Limits of pushing do not count here. Answers the new ids; unknown ones have none.
        """
        taken = [found for id in ids if (found := self.dropped.take(id))]
        if taken:
            self.note("replay", now, events=len(taken))
        new: list[str] = []
        sent: set[str] = set()
        for delivery in taken:
            if isinstance(delivery, QueuedEvent):
                new.append(self._push_again(delivery, now))
            elif isinstance(delivery, TriggerDelivery) and delivery.event.product_event_id not in (
                sent
            ):
                # One product event has a delivery for each trigger; it happens again once.
                sent.add(delivery.event.product_event_id)
                new.append(self._send_again(delivery, app, now))
        return new

    def pause(self, queue: str, now: Instant) -> bool:
        """Deliver nothing of `queue` from now on; False when that is so already."""
        if not self.pauses.pause(queue):
            return False
        self.note("pause", now, queue=queue)
        return True

    def resume(self, queue: str, now: Instant) -> bool:
        """Deliver `queue` again; False when it is not paused."""
        parked = self.pauses.resume(queue)
        if parked is None:
            return False
        self.note("resume", now, queue=queue, events=len(parked))
        for event in parked:
            self._settlement.line_up(event)
        return True

    def _push_again(self, old: QueuedEvent, now: Instant) -> str:
        event = QueuedEvent(
            self._new_id(), old.origin, now, now,
            queue=old.queue, job_id=self._new_id(), item=old.item, size_bytes=old.size_bytes,
            legacy=old.legacy, key=old.key, slots=old.slots, pushed_by=old.pushed_by,
        )  # fmt: skip
        self._settlement.enqueue(event, now, replay_of=old.id)
        return event.id

    def _send_again(self, old: TriggerDelivery, app: App, now: Instant) -> str:
        event = msgspec.structs.replace(old.event, product_event_id=self._new_id(), batch=None)
        for delivery in self._products.accept(
            event, subject_of(event.payload), app, now, replay_of=old.event.product_event_id
        ):
            self._settlement.admit(delivery, now)
        return event.product_event_id


def described(delivery: Delivery, secrets: Secrets) -> dict[str, Json]:
    """A delivery as plain values, for people and programs, without secrets."""
    place = place_of(delivery)
    if isinstance(delivery, QueuedEvent):
        place["queue"] = secrets.masked(delivery.queue)
    reason = delivery.retry_reason
    job = {"job_id": delivery.job_id} if isinstance(delivery, QueuedEvent) else {}
    return {
        **place,
        **job,
        "state": str(delivery.state),
        "due_at": delivery.due_at,
        "attempts": delivery.attempts,
        "retry_count": delivery.retry_count,
        "retry_reason": None if reason is None else secrets.masked(reason),
    }
