"""How many calls of the store each limit per time counted, and what they used of it."""

from __future__ import annotations

from forge_emu import settings as s
from forge_emu.records import KvsDone
from forge_emu.settings import RateSetting


class StoreUse:
    """The limits of the installation; what one of single keys counts is not in the records."""

    def __init__(self) -> None:
        self._rates = s.rates("store_calls", per_key=False)
        self._totals = {setting.name: [0, 0] for setting in self._rates}
        # What counts each operation is looked up once.
        self._by_operation: dict[str, list[RateSetting]] = {}

    def add_call(self, done: KvsDone) -> None:
        """Count a call that was done."""
        operation = done.operation
        if operation not in self._by_operation:
            self._by_operation[operation] = [
                setting for setting in self._rates if setting.rate.counts_operation(operation)
            ]
        for setting in self._by_operation[operation]:
            totals = self._totals[setting.name]
            totals[0] += 1
            totals[1] += setting.rate.amount_of(done.units, done.bytes)

    def calls(self, limit: str) -> int:
        """How many calls counted at `limit`; 0 for a limit of something else."""
        return self._totals.get(limit, [0, 0])[0]

    def used(self, limit: str) -> int:
        """What they used of it: calls, units or bytes."""
        return self._totals.get(limit, [0, 0])[1]
