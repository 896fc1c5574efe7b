"""What a limit carries in attempts: 4,000 write units a minute are 333 stores of 12 units."""

from __future__ import annotations

from typing import Any

from forge_emu import settings as s
from forge_emu.records import KvsDone, Record, is_kvs_read
from forge_emu.settings import Settings

_PER_MINUTE = {
    s.PUSH_EVENTS_PER_MINUTE: 1,
    s.INVOCATIONS_PER_MINUTE: 1,
    s.KVS_REQUESTS_PER_SECOND: 60,
    s.KVS_READ_UNITS: 1,
    s.KVS_WRITE_UNITS: 1,
    s.KVS_OLD_READS: 3,
    s.KVS_OLD_WRITES: 3,
    s.KVS_OLD_DELETES: 3,
    s.KVS_OLD_QUERIES: 3,
    s.KVS_OLD_BATCHES: 1,
}
"""Windows of each limit in a minute."""


class Capacity:
    """Counts what an average call costs, and so how many fit into a minute."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        # Limit to calls, and the units they used.
        self._cost = {s.KVS_READ_UNITS.name: [0, 0], s.KVS_WRITE_UNITS.name: [0, 0]}

    def add_record(self, record: Record) -> None:
        """Add the next record."""
        if isinstance(record.body, KvsDone):
            reads = is_kvs_read(record.body.operation)
            cost = self._cost[s.KVS_READ_UNITS.name if reads else s.KVS_WRITE_UNITS.name]
            cost[0] += 1
            cost[1] += record.body.units

    def calls_per_minute(self, names: list[str]) -> list[dict[str, Any]]:
        """For each of these limits, the calls that fit into a minute."""
        found = []
        for setting, windows in _PER_MINUTE.items():
            limit = self._settings[setting]
            if setting.name not in names or limit is None:
                continue
            calls, units = self._cost.get(setting.name, (0, 0))
            mean = units / calls if calls else 1
            found.append({"name": setting.name, "per_minute": limit * windows / mean})
        return found
