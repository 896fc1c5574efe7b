"""From a living engine to data: what has changed since the last time, or all of it."""

from __future__ import annotations

from msgspec import structs

from forge_emu.engine.delivery.delivery import (
    TERMINAL,
    Delivery,
    Duplicate,
    QueuedEvent,
    TriggerDelivery,
)
from forge_emu.engine.delivery.dispatcher import Running
from forge_emu.engine.delivery.dropped import DroppedDelivery
from forge_emu.engine.snapshot.parts import Parts
from forge_emu.engine.snapshot.shapes import (
    Attempt,
    Changes,
    Figures,
    Saved,
    SavedDelivery,
    SavedEvent,
    SavedProgress,
    SavedTrigger,
    Standing,
    Use,
)
from forge_emu.model import Instant, Millis


class Saver:
    """Knows what has been saved of an engine's parts. Nothing is noted before `begin`."""

    def __init__(self, parts: Parts) -> None:
        self.away_ms: Millis = 0
        """How long no emulator ran since the state began."""
        self._parts = parts
        self._last_number = 0
        self._in_progress: set[str] = set()
        self._figures: dict[str, Figures] = {}
        self._used_until: dict[str, Instant] = {}
        self._paused: tuple[str, ...] = ()

    def begin(self, saved: Saved | None = None) -> None:
        """Note changes from now on; what is `saved` is known already."""
        self._parts.touched.wanted = True
        if saved is not None:
            self._last_number = max(saved.deliveries, default=0)
            self._in_progress.update(saved.progress)
            self._paused = saved.paused

    def everything(self) -> Changes:
        """All there is, as if nothing had been saved before."""
        parts, touched = self._parts, self._parts.touched
        dropped = (kept.delivery for kept in parts.settlement.dropped)
        for delivery in (*parts.settlement.open.values(), *dropped):
            delivery.number = None
            touched.delivery(delivery)
        for job in parts.jobs.all:
            touched.job(job)
        for place in parts.kvs.places():
            touched.value(place)
        for origin in parts.intake.chains.pushes:
            touched.origin(origin)
        for product in parts.products.open:
            touched.product(product)
        self._last_number = 0
        self._in_progress.clear()
        self._figures.clear()
        self._used_until.clear()
        self._paused = ()
        return self.changes()

    def changes(self) -> Changes:
        """What has changed since the last call."""
        found = Changes()
        self._deliveries(found)
        self._others(found)
        self._uses(found)
        paused = self._parts.pauses.kept
        if paused != self._paused:
            self._paused = found.paused = paused
        return found

    def _deliveries(self, found: Changes) -> None:
        touched = self._parts.touched.deliveries
        running = self._parts.dispatcher.running
        for delivery in touched:
            dropped = self._parts.settlement.dropped.find(delivery)
            if delivery.state in TERMINAL and dropped is None:
                # What came and went between two calls was never known.
                if delivery.number is not None:
                    found.ended.add(delivery.number)
                continue
            if delivery.number is None:
                self._last_number += 1
                delivery.number = self._last_number
                found.added[delivery.number] = _fixed(delivery, self.away_ms - delivery.away_ms)
            under_way = running.get(delivery.invocation_id) if delivery.invocation_id else None
            standing = standing_of(delivery, under_way)
            if dropped is not None:
                standing = self._dropped(standing, dropped)
            found.standing[delivery.number] = standing
        touched.clear()

    def _dropped(self, standing: Standing, dropped: DroppedDelivery) -> Standing:
        """No handler sees the words of its last attempt again: secrets can go from them."""
        reason = standing.retry_reason
        return structs.replace(
            standing,
            due_at=dropped.at,
            drop_reason=dropped.reason,
            retry_reason=None if reason is None else self._parts.journal.secrets.masked(reason),
            retry_data=None,
        )

    def _others(self, found: Changes) -> None:
        parts, touched = self._parts, self._parts.touched
        for id in touched.jobs:
            job = parts.jobs.all.get(id)
            found.jobs[id] = job.saved() if job else None
        for place in touched.values:
            found.values[place] = parts.kvs.value_at(place)
        for id in touched.pushes:
            found.pushes[id] = parts.intake.chains.pushes.get(id)
        for id in touched.progress:
            progress = parts.products.open.get(id)
            if progress is not None:
                found.progress[id] = SavedProgress(
                    progress.sent_at, progress.attempts, progress.reason
                )
                self._in_progress.add(id)
            elif id in self._in_progress:
                found.progress[id] = None
                self._in_progress.discard(id)
        for names in (touched.jobs, touched.values, touched.pushes, touched.progress):
            names.clear()

    def _uses(self, found: Changes) -> None:
        for meter in self._parts.meters:
            figures = meter.figures()
            if figures == self._figures.get(meter.name):
                continue
            self._figures[meter.name] = found.figures[meter.name] = figures
            for at, cost in meter.window.since(self._used_until.get(meter.name, 0)):
                found.uses.append(Use(meter.name, at, cost))
                self._used_until[meter.name] = at
        for limit in self._parts.kvs.rates.throughputs:
            until = self._used_until.get(limit.name, -1)
            # What was saved before of the last instant may have grown since.
            for place, at, cost in limit.since(until):
                found.uses.append(Use(limit.name, at, cost, place))
                self._used_until[limit.name] = max(self._used_until.get(limit.name, -1), at)


def _fixed(delivery: Delivery, away_before: Millis) -> SavedDelivery:
    if isinstance(delivery, TriggerDelivery):
        return SavedTrigger(delivery.event, delivery.trigger, delivery.created_at, away_before)
    assert isinstance(delivery, QueuedEvent)
    return SavedEvent(
        delivery.id, delivery.origin, delivery.created_at, delivery.queue, delivery.job_id,
        delivery.item, delivery.size_bytes, delivery.legacy, delivery.key, delivery.slots,
        away_before, isinstance(delivery, Duplicate), delivery.pushed_by,
    )  # fmt: skip


def standing_of(delivery: Delivery, under_way: Running | None) -> Standing:
    """How far a delivery is, as data."""
    due = delivery.entry.item if delivery.entry else None
    drop_reason = due.reason if due and due.kind == "drop" else None
    window_end = delivery.window_end
    return Standing(
        str(delivery.state),
        delivery.due_at - (delivery.away_ms if drop_reason else 0),
        delivery.attempts,
        delivery.retry_count,
        delivery.platform_errors,
        delivery.deferrals,
        delivery.retry_reason,
        delivery.retry_data,
        None if window_end is None else window_end - delivery.away_ms,
        drop_reason,
        Attempt(
            under_way.invocation.invocation_id,
            under_way.invocation.function,
            under_way.started_at,
        )
        if under_way
        else None,
    )
