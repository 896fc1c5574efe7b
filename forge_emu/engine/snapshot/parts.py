"""The parts of an engine, for the snapshot and its restoring."""

from __future__ import annotations

from dataclasses import dataclass

from forge_emu.engine.delivery.deliveries import Deliveries
from forge_emu.engine.delivery.dispatcher import Dispatcher
from forge_emu.engine.delivery.jobs import Jobs
from forge_emu.engine.delivery.pauses import PausedQueues
from forge_emu.engine.delivery.product_events import ProductEvents
from forge_emu.engine.delivery.push import PushHandler
from forge_emu.engine.dirty import Dirty
from forge_emu.engine.journal.journal import Journal
from forge_emu.engine.kvs.store import KvsStore
from forge_emu.engine.quota import Meter


@dataclass(frozen=True)
class EngineParts:
    """Everything that holds state."""

    dirty: Dirty
    journal: Journal
    jobs: Jobs
    product_events: ProductEvents
    kvs_store: KvsStore
    deliveries: Deliveries
    push_handler: PushHandler
    dispatcher: Dispatcher
    pauses: PausedQueues

    @property
    def meters(self) -> list[Meter]:
        """Every limited resource but those of single keys."""
        return [self.push_handler.meter, self.dispatcher.meter, *self.kvs_store.rates.meters]
