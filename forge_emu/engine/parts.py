"""The parts of an engine, for those who save and restore all of them."""

from __future__ import annotations

from dataclasses import dataclass

from forge_emu.engine.dispatch import Dispatcher
from forge_emu.engine.intake import Intake
from forge_emu.engine.jobs import Jobs
from forge_emu.engine.journal import Journal
from forge_emu.engine.kvs import KvsStore
from forge_emu.engine.pauses import Pauses
from forge_emu.engine.products import Products
from forge_emu.engine.quota import Meter
from forge_emu.engine.settlement import Settlement
from forge_emu.engine.touched import Touched


@dataclass(frozen=True)
class Parts:
    """Everything that holds state."""

    touched: Touched
    journal: Journal
    jobs: Jobs
    products: Products
    kvs: KvsStore
    settlement: Settlement
    intake: Intake
    dispatcher: Dispatcher
    pauses: Pauses

    @property
    def meters(self) -> list[Meter]:
        """Every limited resource but those of single keys."""
        return [self.intake.meter, self.dispatcher.meter, *self.kvs.rates.meters]
