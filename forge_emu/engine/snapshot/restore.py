"""Restores an engine from a snapshot.

What was due meanwhile is due now. Retention windows stood still, so that nothing is dropped because
no emulator ran. What was running is ready again: it is delivered at least once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from forge_emu.engine.delivery.delivery import LOST, Delivery, DueAction, State
from forge_emu.engine.delivery.kind import SavedDelivery
from forge_emu.engine.kvs.place import restored_place
from forge_emu.engine.snapshot.parts import SavedParts
from forge_emu.engine.snapshot.shapes import DeliveryProgress, EngineSnapshot, QuotaCost
from forge_emu.model import ErrorReport, Instant, Millis
from forge_emu.records import EmulatorRestarted, InvocationFinished

_ENDED = ErrorReport(
    "EmulatorRestarted", "the emulator ended while this ran; it is delivered again"
)
_ABANDONED = ErrorReport(
    "EmulatorRestarted", "the emulator ended while this ran; it is not called again"
)


class SnapshotRestorer:
    """Fills the parts of an engine that has done nothing yet."""

    def __init__(
        self, parts: SavedParts, saved: EngineSnapshot, now: Instant, away_ms: Millis
    ) -> None:
        self._parts = parts
        self._saved = saved
        self._now = now
        self._away_ms = saved.away_ms + away_ms
        self.overdue = 0
        """How many have become due since the last emulator ended."""
        self.interrupted: list[InvocationFinished] = []
        """The ends of the invocations that were under way."""
        self.abandoned: list[Delivery] = []
        """Open ones of kinds that do not outlive a restart."""

    def restore(self) -> None:
        """Restore values, jobs, deliveries, pauses and the use of limits."""
        parts, saved = self._parts, self._saved
        parts.site.restore(saved.site)
        for place, value in saved.values.items():
            parts.kvs_store.restore_value(restored_place(place), value)
        for id, job in saved.jobs.items():
            parts.queued_events.jobs.restore_job(id, job)
        parts.pauses.restore(saved.paused)
        parts.scheduled_runs.schedules.restore(saved.schedules)
        parts.web_trigger_urls.restore(saved.web_triggers)
        parts.life_cycle.restore(saved.installed, was_used=saved.seq > 0)
        for number, (fixed, standing) in saved.deliveries.items():
            if standing.state not in LOST:
                self._restore_delivery(number, fixed, standing)
        parts.push_handler.push_chains.restore(saved.pushes)
        parts.queued_events.jobs.restore_ended_jobs(saved.jobs)
        self._restore_dropped()
        for id, progress in saved.progress.items():
            parts.trigger_deliveries.product_events.restore_progress(id, progress)
        self._restore_quotas()

    def restarted_record(self, *, clean: bool, away_ms: Millis) -> EmulatorRestarted:
        """What was found, once it is restored."""
        return EmulatorRestarted(
            previous_end=self._saved.at,
            clean=clean,
            away_ms=away_ms,
            pending=len(self._parts.deliveries.open),
            overdue=self.overdue,
            interrupted=len(self.interrupted),
        )

    def _restore_dropped(self) -> None:
        """Those that can still be replayed, the first dropped first."""
        found = [
            (standing.due_at, number, fixed, standing)
            for number, (fixed, standing) in self._saved.deliveries.items()
            if standing.state in LOST
        ]
        for at, number, fixed, standing in sorted(found, key=lambda kept: kept[:2]):
            delivery = self._build_delivery(number, fixed, standing)
            delivery.state = State(standing.state)
            self._parts.deliveries.dropped.add(delivery, standing.drop_reason or "", at)

    def _build_delivery(
        self, number: int, fixed: SavedDelivery, progress: DeliveryProgress
    ) -> Delivery:
        delivery = self._parts.deliveries.kinds.restore_delivery(fixed)
        delivery.snapshot_number = number
        delivery.away_ms = self._away_ms - fixed.away_before
        _apply_progress(delivery, progress)
        return delivery

    def _restore_delivery(
        self, number: int, fixed: SavedDelivery, progress: DeliveryProgress
    ) -> None:
        delivery = self._build_delivery(number, fixed, progress)
        kind = self._parts.deliveries.kinds.kind_of(delivery)
        kind.restore_open(delivery)
        if not kind.outlives_restart:
            self.abandoned.append(delivery)
        state = State(progress.state)
        if state is State.RUNNING:
            error = _ENDED if kind.outlives_restart else _ABANDONED
            self._end_interrupted(delivery, progress, error)
            state = State.READY
        delivery.state = state
        reason = progress.drop_reason
        if state is State.READY:
            due = None
        elif reason is not None:
            delivery.due_at += delivery.away_ms
            due = DueAction("drop", delivery, reason)
        else:
            due = DueAction("deliver", delivery)
            self.overdue += delivery.due_at <= self._now
        self._parts.deliveries.restore_delivery(delivery, due)

    def _end_interrupted(
        self, delivery: Delivery, progress: DeliveryProgress, error: ErrorReport
    ) -> None:
        self._parts.deliveries.dirty.mark(delivery)
        attempt = progress.attempt
        if attempt is None:
            return
        ended: dict[str, Any] = {
            "invocation_id": attempt.invocation_id,
            "function": attempt.function,
            "outcome": "platform_error",
            "duration_ms": max(self._saved.at - attempt.started_at, 0),
            "error": error,
            "duplicate": delivery.is_duplicate,
            **delivery.ids,
        }
        self.interrupted.append(InvocationFinished(**ended))

    def _restore_quotas(self) -> None:
        uses = list(_latest_costs(self._saved.uses))
        by_name: dict[str, list[QuotaCost]] = {}
        for use in uses:
            by_name.setdefault(use.meter, []).append(use)
        for meter in self._parts.meters:
            if figures := self._saved.figures.get(meter.name):
                meter.restore(figures)
            for use in by_name.get(meter.name, ()):
                meter.window.add_cost(use.at, use.cost)
        for limit in self._parts.kvs_store.rates.throughputs:
            if figures := self._saved.figures.get(limit.name):
                limit.restore_use(figures)
            for use in by_name.get(limit.name, ()):
                if use.place is not None:
                    limit.restore(restored_place(use.place), use.at, use.cost)


def _latest_costs(uses: Iterable[QuotaCost]) -> Iterator[QuotaCost]:
    """The last cost saved for each instant, by instant."""
    last = {(use.meter, use.place, use.at): use for use in uses}
    return iter(sorted(last.values(), key=lambda use: use.at))


def _apply_progress(delivery: Delivery, progress: DeliveryProgress) -> None:
    delivery.due_at = progress.due_at
    delivery.attempts = progress.attempts
    delivery.retry_count = progress.retry_count
    delivery.platform_errors = progress.platform_errors
    delivery.after_platform_error = progress.after_platform_error
    delivery.deferrals = progress.deferrals
    delivery.retry_reason = progress.retry_reason
    delivery.asked_by = progress.asked_by
    delivery.retry_data = progress.retry_data
    if progress.window_end is not None:
        delivery.window_end = progress.window_end + delivery.away_ms
