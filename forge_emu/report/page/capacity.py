"""What a limit carries in attempts: 4,000 write units a minute are 333 stores of 12 units."""

from __future__ import annotations

from typing import Any

from forge_emu import settings as s
from forge_emu.model import MINUTE
from forge_emu.records import KvsDone
from forge_emu.report.collectors.collector import Collector
from forge_emu.report.store_use import StoreUse
from forge_emu.settings import Settings


class Capacity(Collector):
    """Counts what an average call costs, and so how many fit into a minute."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._store_use = StoreUse()
        self.handlers = {KvsDone: lambda body, at: self._store_use.add_call(body)}

    def calls_per_minute(self, names: list[str]) -> list[dict[str, Any]]:
        """For each of these limits, the calls that fit into a minute."""
        found = []
        for setting in s.rates(per_key=False):
            limit = self._settings[setting]
            if setting.name not in names or limit is None:
                continue
            used = self._store_use.used(setting.name)
            mean = used / self._store_use.calls(setting.name) if used else 1
            windows = MINUTE / setting.rate.window
            per_minute = limit * setting.bytes_per_unit * windows / mean
            found.append({"name": setting.name, "per_minute": per_minute})
        return found
