"""The state of an engine as data: what has changed since the last time, or all of it."""

from __future__ import annotations

from msgspec import structs

from forge_emu.engine.delivery.delivery import TERMINAL, Delivery
from forge_emu.engine.delivery.dispatcher import RunningInvocation
from forge_emu.engine.delivery.dropped import DroppedDelivery
from forge_emu.engine.delivery.product_events import SavedProductEvent
from forge_emu.engine.kvs.place import saved_place
from forge_emu.engine.quota import QuotaUse
from forge_emu.engine.snapshot.bodies import WaitingBodies
from forge_emu.engine.snapshot.parts import SavedParts
from forge_emu.engine.snapshot.shapes import (
    DeliveryProgress,
    EngineChanges,
    EngineSnapshot,
    QuotaCost,
    SavedInvocation,
)
from forge_emu.model import Instant, Millis

_NO_USE = QuotaUse(0, 0, 0, None)


class SnapshotWriter:
    """Knows what has been saved of an engine's parts. Nothing is tracked before `start`."""

    def __init__(self, parts: SavedParts) -> None:
        self.away_ms: Millis = 0
        """How long no emulator ran since the state began."""
        self.bodies = WaitingBodies(parts.deliveries)
        self._parts = parts
        self._last_number = 0
        self._saved_product_events: set[str] = set()
        self._saved_quota_use: dict[str, QuotaUse] = {}
        self._costs_saved_until: dict[str, Instant] = {}
        self._paused: tuple[str, ...] = ()

    def start(self, saved: EngineSnapshot | None = None) -> None:
        """Track changes from now on; what is in `saved` is known already."""
        for dirty in self._parts.dirty_sets:
            dirty.enabled = True
        if saved is not None:
            self._last_number = max(saved.deliveries, default=0)
            self._saved_product_events.update(saved.progress)
            self._paused = saved.paused

    def resume_from(self, saved: EngineSnapshot, away_ms: Millis) -> None:
        """As `start`, of a state that no emulator ran on for `away_ms` more."""
        self.away_ms = saved.away_ms + away_ms
        self.start(saved)

    def take_everything(self) -> EngineChanges:
        """All there is, as if nothing had been saved before."""
        parts = self._parts
        self.bodies.start_anew()
        dropped = (entry.delivery for entry in parts.deliveries.dropped)
        for delivery in (*parts.deliveries.open.values(), *dropped):
            delivery.snapshot_number = None
            parts.deliveries.dirty.mark(delivery)
        for job in parts.queued_events.jobs.all:
            parts.queued_events.jobs.dirty.mark(job)
        for place in parts.kvs_store.places():
            parts.kvs_store.dirty.mark(place)
        for origin in parts.push_handler.push_chains.push_counts:
            parts.push_handler.push_chains.dirty.mark(origin)
        for changed in parts.site.changed_places():
            parts.site_changes.mark(changed)
        parts.scheduled_runs.schedules.changed = True
        parts.web_trigger_urls.changed = True
        parts.life_cycle.changed = True
        for product_event in parts.trigger_deliveries.product_events.open:
            parts.trigger_deliveries.product_events.dirty.mark(product_event)
        self._last_number = 0
        self._saved_product_events.clear()
        self._saved_quota_use.clear()
        self._costs_saved_until.clear()
        self._paused = ()
        return self.take_changes()

    def take_changes(self) -> EngineChanges:
        """What has changed since the last call."""
        found = EngineChanges()
        self._add_deliveries(found)
        self._add_jobs_and_values(found)
        self._add_quota_use(found)
        paused = self._parts.pauses.snapshot
        if paused != self._paused:
            self._paused = found.paused = paused
        schedules = self._parts.scheduled_runs.schedules
        if schedules.changed:
            schedules.changed = False
            found.schedules = schedules.snapshot
        urls = self._parts.web_trigger_urls
        if urls.changed:
            urls.changed = False
            found.web_triggers = urls.snapshot
        life_cycle = self._parts.life_cycle
        if life_cycle.changed:
            life_cycle.changed = False
            found.installed = life_cycle.installed
        return found

    def _add_deliveries(self, found: EngineChanges) -> None:
        deliveries = self._parts.deliveries
        running = self._parts.dispatcher.running
        for delivery in deliveries.dirty.drain():
            dropped = deliveries.dropped.find(delivery)
            if delivery.state in TERMINAL and dropped is None:
                # What began and ended between two calls was never saved.
                if delivery.snapshot_number is not None:
                    found.ended.add(delivery.snapshot_number)
                    self.bodies.remove(delivery)
                continue
            if delivery.snapshot_number is None:
                self._last_number += 1
                delivery.snapshot_number = self._last_number
                kind = deliveries.kinds.kind_of(delivery)
                found.added[delivery.snapshot_number] = kind.save_delivery(
                    delivery, self.away_ms - delivery.away_ms
                )
                self.bodies.add(delivery)
            under_way = running.get(delivery.invocation_id) if delivery.invocation_id else None
            progress = delivery_progress(delivery, under_way)
            if dropped is not None:
                progress = self._dropped_progress(progress, dropped)
            found.standing[delivery.snapshot_number] = progress

    def _dropped_progress(
        self, progress: DeliveryProgress, dropped: DroppedDelivery
    ) -> DeliveryProgress:
        """No handler sees the reason and data of its last retry again: they are masked and left
        out.
        """
        reason = progress.retry_reason
        return structs.replace(
            progress,
            due_at=dropped.at,
            drop_reason=dropped.reason,
            retry_reason=None if reason is None else self._parts.journal.secrets.mask(reason),
            retry_data=None,
        )

    def _add_jobs_and_values(self, found: EngineChanges) -> None:
        parts = self._parts
        jobs, product_events = parts.queued_events.jobs, parts.trigger_deliveries.product_events
        for id in jobs.dirty.drain():
            job = jobs.all.get(id)
            # One of which nothing has ended comes again with its events.
            if job is None or job.has_ends:
                found.jobs[id] = job.snapshot() if job else None
        for place in parts.kvs_store.dirty.drain():
            found.values[saved_place(place)] = parts.kvs_store.value_at(place)
        for changed in parts.site_changes.drain():
            found.site[changed] = parts.site.encode(changed)
        push_chains = parts.push_handler.push_chains
        for id in push_chains.dirty.drain():
            found.pushes[id] = push_chains.push_counts.get(id)
        for id in product_events.dirty.drain():
            progress = product_events.open.get(id)
            if progress is not None:
                found.progress[id] = SavedProductEvent(
                    progress.sent_at, progress.attempts, progress.reason
                )
                self._saved_product_events.add(id)
            elif id in self._saved_product_events:
                found.progress[id] = None
                self._saved_product_events.discard(id)

    def _add_quota_use(self, found: EngineChanges) -> None:
        for meter in self._parts.meters:
            use = meter.quota_use()
            if use == self._saved_quota_use.get(meter.name):
                continue
            self._saved_quota_use[meter.name] = found.figures[meter.name] = use
            if not meter.saves_costs:
                continue
            for at, cost in meter.window.costs_since(self._costs_saved_until.get(meter.name, 0)):
                found.uses.append(QuotaCost(meter.name, at, cost))
                self._costs_saved_until[meter.name] = at
        for limit in self._parts.kvs_store.rates.throughputs:
            use = limit.quota_use()
            if use != self._saved_quota_use.get(limit.name, _NO_USE):
                self._saved_quota_use[limit.name] = found.figures[limit.name] = use
            until = self._costs_saved_until.get(limit.name, -1)
            # What was saved before of the last instant may have grown since.
            for place, at, cost in limit.costs_since(until):
                found.uses.append(QuotaCost(limit.name, at, cost, saved_place(place)))
                self._costs_saved_until[limit.name] = max(
                    self._costs_saved_until.get(limit.name, -1), at
                )


def delivery_progress(delivery: Delivery, under_way: RunningInvocation | None) -> DeliveryProgress:
    """The changing fields of a delivery, as data."""
    due = delivery.schedule_entry.item if delivery.schedule_entry else None
    drop_reason = due.reason if due and due.kind == "drop" else None
    window_end = delivery.window_end
    return DeliveryProgress(
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
        SavedInvocation(
            under_way.invocation.invocation_id,
            under_way.invocation.function,
            under_way.started_at,
        )
        if under_way
        else None,
        delivery.after_platform_error,
        delivery.asked_by,
    )
