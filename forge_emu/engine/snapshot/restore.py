"""From data to a living engine: everything is where it was when the last emulator ended.

What was due meanwhile is due now. Retention windows stood still, so that nothing is given up for
want of an emulator. What was running is in line again: it is delivered at least once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from forge_emu.engine.delivery.deliveries import id_of
from forge_emu.engine.delivery.delivery import (
    Delivery,
    Due,
    Duplicate,
    QueuedEvent,
    State,
    TriggerDelivery,
)
from forge_emu.engine.delivery.jobs import Job
from forge_emu.engine.delivery.product_events import Progress
from forge_emu.engine.snapshot.parts import Parts
from forge_emu.engine.snapshot.shapes import (
    Saved,
    SavedDelivery,
    SavedTrigger,
    Standing,
    Use,
)
from forge_emu.model import ErrorReport, Instant, Millis
from forge_emu.records import InvocationFinished

_ENDED = ErrorReport(
    "EmulatorRestarted", "the emulator ended while this ran; it is delivered again"
)


class Restoring:
    """Fills the parts of an engine that has done nothing yet."""

    def __init__(self, parts: Parts, saved: Saved, now: Instant, away_ms: Millis) -> None:
        self._parts = parts
        self._saved = saved
        self._now = now
        self._away_ms = saved.away_ms + away_ms
        self.overdue = 0
        """How many have become due since the last emulator ended."""
        self.interrupted: list[InvocationFinished] = []
        """The ends of the invocations that were under way."""

    def restore(self) -> None:
        """Put everything back."""
        parts, saved = self._parts, self._saved
        for place, value in saved.values.items():
            parts.kvs.put_back(place, value)
        for id, job in saved.jobs.items():
            parts.jobs.put_back(id, job)
        parts.pauses.put_back(saved.paused)
        for number, (fixed, standing) in saved.deliveries.items():
            if standing.state != State.DROPPED:
                self._deliver(number, fixed, standing)
        parts.intake.chains.put_back(saved.pushes)
        parts.jobs.settle_again(saved.jobs)
        self._keep_dropped()
        for id, progress in saved.progress.items():
            if restored_progress := parts.products.open.get(id):
                restored_progress.sent_at = progress.sent_at
                restored_progress.attempts = progress.attempts
                restored_progress.reason = progress.reason
        self._meters()

    def _keep_dropped(self) -> None:
        """Those that can still be replayed, the first dropped first."""
        found = [
            (standing.due_at, number, fixed, standing)
            for number, (fixed, standing) in self._saved.deliveries.items()
            if standing.state == State.DROPPED
        ]
        for at, number, fixed, standing in sorted(found, key=lambda kept: kept[:2]):
            delivery = self._delivery(number, fixed, standing)
            delivery.state = State.DROPPED
            self._parts.settlement.dropped.keep(delivery, standing.drop_reason or "", at)

    def _delivery(self, number: int, fixed: SavedDelivery, standing: Standing) -> Delivery:
        delivery = _delivery(fixed)
        delivery.number = number
        delivery.away_ms = self._away_ms - fixed.away_before
        _stand(delivery, standing)
        return delivery

    def _deliver(self, number: int, fixed: SavedDelivery, standing: Standing) -> None:
        delivery = self._delivery(number, fixed, standing)
        if isinstance(delivery, QueuedEvent) and not isinstance(delivery, Duplicate):
            self._join_job(delivery)
        elif isinstance(delivery, TriggerDelivery):
            self._join_product(delivery)
        state = State(standing.state)
        if state is State.RUNNING:
            self._interrupt(delivery, standing)
            state = State.READY
        delivery.state = state
        reason = standing.drop_reason
        if state is State.READY:
            due = None
        elif reason is not None:
            delivery.due_at += delivery.away_ms
            due = Due("drop", delivery, reason)
        else:
            due = Due("deliver", delivery)
            self.overdue += delivery.due_at <= self._now
        self._parts.settlement.put_back(delivery, due)

    def _interrupt(self, delivery: Delivery, standing: Standing) -> None:
        self._parts.touched.delivery(delivery)
        attempt = standing.attempt
        if attempt is None:
            return
        ended: dict[str, Any] = {
            "invocation_id": attempt.invocation_id,
            "function": attempt.function,
            "outcome": "platform_error",
            "duration_ms": max(self._saved.at - attempt.started_at, 0),
            "error": _ENDED,
            "duplicate": isinstance(delivery, Duplicate),
            **id_of(delivery),
        }
        self.interrupted.append(InvocationFinished(**ended))

    def _join_job(self, event: QueuedEvent) -> None:
        jobs = self._parts.jobs.all
        job = jobs.get(event.job_id)
        if job is None:
            job = jobs[event.job_id] = Job(event.queue)
        job.open[event.id] = event

    def _join_product(self, delivery: TriggerDelivery) -> None:
        products = self._parts.products.open
        progress = products.get(delivery.event.product_event_id)
        if progress is None:
            progress = Progress(delivery.created_at, 0)
            products[delivery.event.product_event_id] = progress
        progress.left += 1

    def _meters(self) -> None:
        uses = list(_latest(self._saved.uses))
        by_name: dict[str, list[Use]] = {}
        for use in uses:
            by_name.setdefault(use.meter, []).append(use)
        for meter in self._parts.meters:
            if figures := self._saved.figures.get(meter.name):
                meter.put_back(figures)
            for use in by_name.get(meter.name, ()):
                meter.window.add(use.at, use.cost)
        for limit in self._parts.kvs.rates.throughputs:
            for use in by_name.get(limit.name, ()):
                if use.place is not None:
                    limit.put_back(use.place, use.at, use.cost)


def _latest(uses: Iterable[Use]) -> Iterator[Use]:
    """The last word on each instant, by instant."""
    last = {(use.meter, use.place, use.at): use for use in uses}
    return iter(sorted(last.values(), key=lambda use: use.at))


def _delivery(fixed: SavedDelivery) -> Delivery:
    if isinstance(fixed, SavedTrigger):
        return TriggerDelivery(fixed.event, fixed.trigger, fixed.created_at, fixed.created_at)
    kind = Duplicate if fixed.duplicate else QueuedEvent
    return kind(
        fixed.id, fixed.origin, fixed.created_at, fixed.created_at,
        queue=fixed.queue, job_id=fixed.job_id, item=fixed.item, size_bytes=fixed.size_bytes,
        legacy=fixed.legacy, key=fixed.key, slots=fixed.slots, pushed_by=fixed.pushed_by,
    )  # fmt: skip


def _stand(delivery: Delivery, standing: Standing) -> None:
    delivery.due_at = standing.due_at
    delivery.attempts = standing.attempts
    delivery.retry_count = standing.retry_count
    delivery.platform_errors = standing.platform_errors
    delivery.deferrals = standing.deferrals
    delivery.retry_reason = standing.retry_reason
    delivery.retry_data = standing.retry_data
    if standing.window_end is not None:
        delivery.window_end = standing.window_end + delivery.away_ms
