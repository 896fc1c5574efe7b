"""How fast the key-value store may be used: every rate of the catalogue that counts its calls.

https://developer.atlassian.com/platform/forge/limits-kvs-ce/ (2026-09-28); the rules per 20 seconds
are those until 2025-11-16.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, Literal, TypeAlias

import msgspec

from forge_emu import settings as s
from forge_emu.engine.kvs.key_throughput import KeyThroughput
from forge_emu.engine.kvs.place import KvsPlace
from forge_emu.engine.quota import Meter, meter_for, window_kind
from forge_emu.errors import Fault
from forge_emu.model import Instant, LimitUsage

Operation = Literal[
    "get",
    "set",
    "delete",
    "query",
    "query_entity",
    "batch_get",
    "batch_set",
    "batch_delete",
    "transact",
]
KB: Final = 1_000

KeySize: TypeAlias = tuple[KvsPlace, int]
"""A key that a request moves, and the bytes of its value."""


class Cost(msgspec.Struct, frozen=True):
    """What a request uses: the bytes of its values' JSON texts together, and whole units."""

    operation: Operation
    size: int
    units: int


class RateFault(Fault):
    """A refusal by a rate (429). `units` is what the request would have used."""

    def __init__(self, limit: str, allowed: str, units: int, code: str) -> None:
        message = f"The key-value store refused the request: over the limit of {allowed} ({limit})."
        super().__init__(429, {"code": code, "message": message}, limit=limit)
        self.units = units


class KvsRates:
    """Every rate limit of the store. A request about many keys is one of the sum of their sizes."""

    def __init__(self, settings: s.Settings) -> None:
        self._unit = settings[s.KVS_UNIT_KB] * KB
        self._count_refused = settings[s.KVS_COUNT_REFUSED]
        self._rates = s.rates("store_calls")
        self._meters: dict[str, Meter] = {}
        self._throughputs: dict[str, KeyThroughput] = {}
        for setting in self._rates:
            if setting.rate.per == "installation":
                self._meters[setting.name] = meter_for(setting, settings)
            else:
                kind = window_kind(setting.rate, settings)
                self._throughputs[setting.name] = KeyThroughput(setting, settings, kind)
        # What counts each operation is looked up once.
        self._meters_of: dict[str, list[tuple[s.Rate, Meter]]] = {}
        self._throughputs_of: dict[str, list[tuple[s.Rate, KeyThroughput]]] = {}

    def cost(self, operation: Operation, size: int) -> Cost:
        """The cost of moving `size` bytes; an empty read or a delete is one unit."""
        return Cost(operation, size, max(1, -(-size // self._unit)))

    def check_cost(
        self,
        cost: Cost,
        pieces: Sequence[KeySize],
        now: Instant,
        code: str = "RATE_LIMIT_EXCEEDED",
    ) -> None:
        """Raise RateFault if the request is too much now; that counts as a hit."""
        for meter, amount in self._metered(cost):
            if not meter.fits(now, amount):
                meter.count_refusal(now, amount)
                self.count_refused(cost, pieces, now)
                raise RateFault(meter.name, f"{meter.limit:,.0f} {meter.unit}", cost.units, code)
        for throughput, place, amount in self._metered_keys(cost.operation, pieces):
            if not throughput.fits(place, amount, now):
                throughput.count_refusal()
                self.count_refused(cost, pieces, now)
                raise _key_fault(throughput, place, cost.units, code)

    def check_key_size(self, operation: Operation, piece: KeySize, now: Instant) -> None:
        """Raise RateFault if one key of a batch moves too much now; that counts as a hit."""
        for throughput, place, amount in self._metered_keys(operation, (piece,)):
            if not throughput.fits(place, amount, now):
                throughput.count_refusal()
                if self._count_refused:
                    self._consume_keys(operation, (piece,), now)
                units = self.cost(operation, piece[1]).units
                raise _key_fault(throughput, place, units, "RATE_LIMIT_EXCEEDED")

    def consume(self, cost: Cost, pieces: Sequence[KeySize], now: Instant) -> None:
        """Count a request that was accepted in every rate that it uses."""
        for meter, amount in self._metered(cost):
            meter.consume(now, amount)
        self._consume_keys(cost.operation, pieces, now)

    def count_refused(self, cost: Cost, pieces: Sequence[KeySize], now: Instant) -> None:
        """Count a refused request, where refused requests count."""
        if self._count_refused:
            self.consume(cost, pieces, now)

    def count_malformed(self, now: Instant) -> None:
        """Count a request that could not be read, where refused requests count."""
        if self._count_refused:
            for setting in self._rates:
                if setting.rate.counts_every_call:
                    self._meters[setting.name].consume(now, 1)

    @property
    def meters(self) -> list[Meter]:
        """Every meter of the store, once."""
        return list(self._meters.values())

    @property
    def throughputs(self) -> list[KeyThroughput]:
        """The limits that hold for each key, or each partition of an index."""
        return list(self._throughputs.values())

    def usage(self, now: Instant) -> list[LimitUsage]:
        """How much of each limit is in use, in the order of the catalogue.

        Limits that the platform no longer has are left out where they are not set, and those of
        single keys where they refused nothing.
        """
        found = []
        for setting in self._rates:
            if meter := self._meters.get(setting.name):
                if meter.limit is not None or not setting.only_where_set:
                    found.append(meter.usage(now))
            elif (throughput := self._throughputs[setting.name]).hits:
                found.append(throughput.usage(now))
        return found

    def _metered(self, cost: Cost) -> Iterator[tuple[Meter, int]]:
        """The meters that a request counts at, and what it adds there."""
        operation = cost.operation
        if operation not in self._meters_of:
            self._meters_of[operation] = [
                (setting.rate, self._meters[setting.name])
                for setting in self._rates
                if setting.name in self._meters and setting.rate.counts_operation(operation)
            ]
        for rate, meter in self._meters_of[operation]:
            yield meter, rate.amount_of(cost.units, cost.size)

    def _metered_keys(
        self, operation: Operation, pieces: Sequence[KeySize]
    ) -> Iterator[tuple[KeyThroughput, KvsPlace, int]]:
        """The same for its single keys, or the partition of an index."""
        if operation not in self._throughputs_of:
            self._throughputs_of[operation] = [
                (setting.rate, self._throughputs[setting.name])
                for setting in self._rates
                if setting.name in self._throughputs and setting.rate.counts_operation(operation)
            ]
        for rate, throughput in self._throughputs_of[operation]:
            for place, size in pieces:
                units = self.cost(operation, size).units if rate.amount == "units" else 0
                yield throughput, place, rate.amount_of(units, size)

    def _consume_keys(self, operation: Operation, pieces: Sequence[KeySize], now: Instant) -> None:
        for throughput, place, amount in self._metered_keys(operation, pieces):
            throughput.consume(place, amount, now)


def _key_fault(throughput: KeyThroughput, place: KvsPlace, units: int, code: str) -> RateFault:
    allowed = f"{throughput.limit} {throughput.unit} for {place.qualified_key!r}"
    return RateFault(throughput.name, allowed, units, code)
