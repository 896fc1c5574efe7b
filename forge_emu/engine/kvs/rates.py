"""How fast the key-value store may be used: per installation, and per key.

https://developer.atlassian.com/platform/forge/limits-kvs-ce/ (2026-09-28); the rules per 20 seconds
are those until 2025-11-16.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, Literal, TypeAlias

import msgspec

from forge_emu import settings as s
from forge_emu.engine.kvs.place import KvsPlace
from forge_emu.engine.quota import Meter, QuotaWindow, WindowKind
from forge_emu.errors import Fault
from forge_emu.model import MINUTE, SECOND, Instant, LimitUsage, Millis
from forge_emu.records import is_kvs_read

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
MB: Final = 1_000_000

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
        kind: WindowKind = "fixed" if settings[s.KVS_WINDOW] == "fixed" else "sliding"

        def meter(setting: s.Setting[int | None], label: str, period: Millis) -> Meter:
            window = QuotaWindow(kind, period)
            return Meter(setting.name, label, setting.unit, window, settings[setting])

        self._requests = meter(s.KVS_REQUESTS_PER_SECOND, "KVS requests", SECOND)
        reads = meter(s.KVS_READ_UNITS, "KVS reads", MINUTE)
        writes = meter(s.KVS_WRITE_UNITS, "KVS writes", MINUTE)
        self._reads, self._writes = reads, writes
        batches = meter(s.KVS_OLD_BATCHES, "KVS batches", MINUTE)
        queries = meter(s.KVS_OLD_QUERIES, "KVS queries", 20 * SECOND)
        old_writes = meter(s.KVS_OLD_WRITES, "KVS writes", 20 * SECOND)
        self._old_meters: dict[Operation, Meter] = {
            "get": meter(s.KVS_OLD_READS, "KVS reads", 20 * SECOND),
            "set": old_writes,
            "delete": meter(s.KVS_OLD_DELETES, "KVS deletes", 20 * SECOND),
            "query": queries,
            "query_entity": queries,
            "batch_get": batches,
            "batch_set": batches,
            "batch_delete": batches,
            "transact": old_writes,
        }
        self._key_reads = KeyThroughput(s.KVS_KEY_READ_MB, settings, kind)
        self._key_writes = KeyThroughput(s.KVS_KEY_WRITE_MB, settings, kind)
        self._indexes = KeyThroughput(s.KVS_INDEX_MB, settings, kind)

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
        for meter, amount in self._meters(cost):
            if not meter.fits(now, amount):
                meter.count_refusal(now, amount)
                self.count_refused(cost, pieces, now)
                raise RateFault(meter.name, f"{meter.limit:,.0f} {meter.unit}", cost.units, code)
        for piece in pieces:
            throughput = self._throughput(cost.operation)
            if throughput is not None and not throughput.fits(*piece, now):
                self.count_refused(cost, pieces, now)
                raise throughput.fault(piece[0], cost.units, code)

    def check_key_size(self, operation: Operation, piece: KeySize, now: Instant) -> None:
        """Raise RateFault if one key of a batch moves too much now."""
        throughput = self._throughput(operation)
        if throughput is not None and not throughput.fits(*piece, now):
            if self._count_refused:
                throughput.consume(*piece, now)
            units = self.cost(operation, piece[1]).units
            raise throughput.fault(piece[0], units, "RATE_LIMIT_EXCEEDED")

    def consume(self, cost: Cost, pieces: Sequence[KeySize], now: Instant) -> None:
        """Count the request."""
        for meter, amount in self._meters(cost):
            meter.consume(now, amount)
        throughput = self._throughput(cost.operation)
        if throughput is not None:
            for piece in pieces:
                throughput.consume(*piece, now)

    def count_refused(self, cost: Cost, pieces: Sequence[KeySize], now: Instant) -> None:
        """Count a refused request, where refused requests count."""
        if self._count_refused:
            self.consume(cost, pieces, now)

    def count_malformed(self, now: Instant) -> None:
        """Count a request that could not be read, where refused requests count."""
        if self._count_refused:
            self._requests.consume(now, 1)

    @property
    def meters(self) -> list[Meter]:
        """Every meter of the store, once."""
        return [
            self._requests,
            self._reads,
            self._writes,
            *dict.fromkeys(self._old_meters.values()),
        ]

    @property
    def throughputs(self) -> list[KeyThroughput]:
        """The limits that hold for each key, or each partition of an index."""
        return [self._key_reads, self._key_writes, self._indexes]

    def usage(self, now: Instant) -> list[LimitUsage]:
        """How much of each limit is in use; the old ones only where they are in force."""
        old = dict.fromkeys(meter for meter in self._old_meters.values() if meter.limit is not None)
        return [meter.usage(now) for meter in (self._requests, self._reads, self._writes, *old)]

    def _meters(self, cost: Cost) -> Iterator[tuple[Meter, int]]:
        yield self._requests, 1
        yield self._reads if is_kvs_read(cost.operation) else self._writes, cost.units
        yield self._old_meters[cost.operation], 1

    def _throughput(self, operation: Operation) -> KeyThroughput | None:
        if operation in ("get", "batch_get"):
            return self._key_reads
        if operation == "query_entity":
            return self._indexes
        return self._key_writes if operation in ("set", "batch_set", "transact") else None


class KeyThroughput:
    """Bytes per second of each single key; keys unused for a second are forgotten."""

    def __init__(
        self, setting: s.Setting[int | None], settings: s.Settings, kind: WindowKind
    ) -> None:
        self.name = setting.name
        self.limit_mb = settings[setting]
        self._kind = kind
        # In the order of last use, so that the idle ones are at the front.
        self._windows: dict[KvsPlace, _LastSecond] = {}

    def __len__(self) -> int:
        """How many keys are remembered."""
        return len(self._windows)

    def fits(self, place: KvsPlace, size: int, now: Instant) -> bool:
        """Whether `size` more bytes may move within the second."""
        if self.limit_mb is None:
            return True
        used = self._windows[place].window.total(now) if place in self._windows else 0
        return used + size <= self.limit_mb * MB

    def fault(self, place: KvsPlace, units: int, code: str) -> RateFault:
        """The refusal of a request that does not fit."""
        allowed = f"{self.limit_mb} MB/s for {place.qualified_key!r}"
        return RateFault(self.name, allowed, units, code)

    def consume(self, place: KvsPlace, size: int, now: Instant) -> None:
        """Count `size` bytes."""
        if self.limit_mb is None:
            return
        entry = self._windows.pop(place, None) or _LastSecond(self._kind)
        entry.window.add_cost(now, size)
        entry.used_at = now
        self._windows[place] = entry
        while self._windows[oldest := next(iter(self._windows))].used_at + SECOND <= now:
            del self._windows[oldest]

    def costs_since(self, start: Instant) -> list[tuple[KvsPlace, Instant, float]]:
        """What was used from `start` on, by key."""
        found: list[tuple[KvsPlace, Instant, float]] = []
        for place, entry in reversed(self._windows.items()):
            if entry.used_at < start:
                break
            found += [(place, at, cost) for at, cost in entry.window.costs_since(start)]
        return found

    def restore(self, place: KvsPlace, at: Instant, cost: float) -> None:
        """Count what was used before a restart. Calls come in the order of `at`."""
        entry = self._windows.pop(place, None) or _LastSecond(self._kind)
        entry.window.add_cost(at, cost)
        entry.used_at = at
        self._windows[place] = entry


class _LastSecond:
    __slots__ = ("used_at", "window")

    def __init__(self, kind: WindowKind) -> None:
        self.window = QuotaWindow(kind, SECOND)
        self.used_at: Instant = 0
