"""The parts of an engine, for those who save and restore all of them."""

from __future__ import annotations

from dataclasses import dataclass

from forge_emu.engine.delivery.deliveries import Deliveries
from forge_emu.engine.delivery.dispatcher import Dispatcher
from forge_emu.engine.delivery.jobs import Jobs
from forge_emu.engine.delivery.pauses import Pauses
from forge_emu.engine.delivery.product_events import Products
from forge_emu.engine.delivery.push import Intake
from forge_emu.engine.dirty import Dirty
from forge_emu.engine.journal.journal import Journal
from forge_emu.engine.kvs.store import KvsStore
from forge_emu.engine.quota import Meter


@dataclass(frozen=True)
class Parts:
    """Everything that holds state."""

    touched: Dirty
    journal: Journal
    jobs: Jobs
    products: Products
    kvs: KvsStore
    settlement: Deliveries
    intake: Intake
    dispatcher: Dispatcher
    pauses: Pauses

    @property
    def meters(self) -> list[Meter]:
        """Every limited resource but those of single keys."""
        return [self.intake.meter, self.dispatcher.meter, *self.kvs.rates.meters]
