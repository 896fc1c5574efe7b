"""The parts of an engine whose state is saved and restored."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from forge_emu.engine.delivery.calls.function_calls import FunctionCalls
from forge_emu.engine.delivery.deliveries import Deliveries
from forge_emu.engine.delivery.dispatcher import Dispatcher
from forge_emu.engine.delivery.pauses import PausedQueues
from forge_emu.engine.delivery.push import PushHandler
from forge_emu.engine.delivery.queued_event import QueuedEvents
from forge_emu.engine.delivery.scheduled.scheduled_run import ScheduledRuns
from forge_emu.engine.delivery.trigger_delivery import TriggerDeliveries
from forge_emu.engine.dirty import DirtySet
from forge_emu.engine.journal.journal import Journal
from forge_emu.engine.kvs.store import KvsStore
from forge_emu.engine.life_cycle import LifeCycle
from forge_emu.engine.product_rates.product_rates import ProductRates
from forge_emu.engine.quota import Meter
from forge_emu.engine.snapshot.shapes import EngineSnapshot
from forge_emu.engine.web_trigger_urls import WebTriggerUrls
from forge_emu.site.collection import Place
from forge_emu.site.site import Site


# No struct, which a snapshot in memory takes for a value: this holds what changes.
@dataclass(frozen=True)
class SavedParts:
    """Everything that holds state."""

    journal: Journal
    queued_events: QueuedEvents
    trigger_deliveries: TriggerDeliveries
    scheduled_runs: ScheduledRuns
    function_calls: FunctionCalls
    kvs_store: KvsStore
    deliveries: Deliveries
    push_handler: PushHandler
    dispatcher: Dispatcher
    pauses: PausedQueues
    site: Site
    site_changes: DirtySet[Place]
    product_rates: ProductRates
    web_trigger_urls: WebTriggerUrls
    life_cycle: LifeCycle

    @property
    def meters(self) -> list[Meter]:
        """Every limited resource but those of single keys."""
        return [
            *self.push_handler.meters.all,
            *self.dispatcher.meters.all,
            *self.function_calls.meters.all,
            *self.kvs_store.rates.meters,
            *self.product_rates.meters,
        ]

    @property
    def dirty_sets(self) -> tuple[DirtySet[Any], ...]:
        """What has changed of each part."""
        return (
            self.deliveries.dirty,
            self.queued_events.jobs.dirty,
            self.trigger_deliveries.product_events.dirty,
            self.push_handler.push_chains.dirty,
            self.kvs_store.dirty,
            self.site_changes,
        )

    def restore_identity(self, saved: EngineSnapshot) -> None:
        """Go on as the installation that `saved` is of, with its numbers of records."""
        self.dispatcher.installation = saved.installation
        self.journal.seq = saved.seq
