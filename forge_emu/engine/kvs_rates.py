"""How fast the key-value store may be used: per installation, and per key.

https://developer.atlassian.com/platform/forge/limits-kvs-ce/ (2026-09-28); the rules per 20 seconds
are those until 2025-11-16.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, Literal

import msgspec

from forge_emu import settings as s
from forge_emu.engine.quota import Meter, Window, WindowKind
from forge_emu.engine.saved import Place
from forge_emu.errors import Fault
from forge_emu.model import MINUTE, SECOND, Instant, LimitUsage, Millis

Operation = Literal["get", "set", "delete"]
KB: Final = 1_000
MB: Final = 1_000_000


class Cost(msgspec.Struct, frozen=True):
    """What a request uses: the bytes of its value's JSON text, and whole units."""

    operation: Operation
    size: int
    units: int


class KvsRates:
    """Every rate limit of the store."""

    def __init__(self, settings: s.Settings) -> None:
        self._unit = settings[s.KVS_UNIT_KB] * KB
        self._count_refused = settings[s.KVS_COUNT_REFUSED]
        kind: WindowKind = "fixed" if settings[s.KVS_WINDOW] == "fixed" else "sliding"

        def meter(setting: s.Setting[int | None], label: str, period: Millis) -> Meter:
            window = Window(kind, period)
            return Meter(setting.name, label, setting.unit, window, settings[setting])

        self._requests = meter(s.KVS_REQUESTS_PER_SECOND, "KVS requests", SECOND)
        reads = meter(s.KVS_READ_UNITS, "KVS reads", MINUTE)
        writes = meter(s.KVS_WRITE_UNITS, "KVS writes", MINUTE)
        self._units: dict[Operation, Meter] = {"get": reads, "set": writes, "delete": writes}
        self._old: dict[Operation, Meter] = {
            "get": meter(s.KVS_OLD_READS, "KVS reads", 20 * SECOND),
            "set": meter(s.KVS_OLD_WRITES, "KVS writes", 20 * SECOND),
            "delete": meter(s.KVS_OLD_DELETES, "KVS deletes", 20 * SECOND),
        }
        self._key_reads = KeyThroughput(s.KVS_KEY_READ_MB, settings, kind)
        self._key_writes = KeyThroughput(s.KVS_KEY_WRITE_MB, settings, kind)

    def cost(self, operation: Operation, size: int) -> Cost:
        """The cost of moving `size` bytes; an empty read or a delete is one unit."""
        return Cost(operation, size, max(1, -(-size // self._unit)))

    def check(self, cost: Cost, place: Place, now: Instant) -> None:
        """Raise Fault (429) if the request is too much now; that counts as a hit."""
        for meter, amount in self._meters(cost):
            if not meter.fits(now, amount):
                meter.refuse(now, amount)
                self.count_refused(cost, place, now)
                raise _too_much(meter.name, f"{meter.limit:,.0f} {meter.unit}")
        throughput = self._throughput(cost)
        if throughput is not None and not throughput.fits(place, cost.size, now):
            self.count_refused(cost, place, now)
            raise _too_much(throughput.name, f"{throughput.limit_mb} MB/s for the key {place[1]!r}")

    def take(self, cost: Cost, place: Place, now: Instant) -> None:
        """Count the request."""
        for meter, amount in self._meters(cost):
            meter.take(now, amount)
        throughput = self._throughput(cost)
        if throughput is not None:
            throughput.take(place, cost.size, now)

    def count_refused(self, cost: Cost, place: Place, now: Instant) -> None:
        """Count a refused request, where refused requests count."""
        if self._count_refused:
            self.take(cost, place, now)

    def count_malformed(self, now: Instant) -> None:
        """Count a request that could not be read, where refused requests count."""
        if self._count_refused:
            self._requests.take(now, 1)

    @property
    def meters(self) -> list[Meter]:
        """Every meter of the store, once."""
        return [self._requests, self._units["get"], self._units["set"], *self._old.values()]

    @property
    def throughputs(self) -> list[KeyThroughput]:
        """The limits that hold for each key."""
        return [self._key_reads, self._key_writes]

    def usage(self, now: Instant) -> list[LimitUsage]:
        """How much of each limit is in use; the old ones only where they are in force."""
        meters = [self._requests, self._units["get"], self._units["set"]]
        meters += [meter for meter in self._old.values() if meter.limit is not None]
        return [meter.usage(now) for meter in meters]

    def _meters(self, cost: Cost) -> Iterator[tuple[Meter, int]]:
        yield self._requests, 1
        yield self._units[cost.operation], cost.units
        yield self._old[cost.operation], 1

    def _throughput(self, cost: Cost) -> KeyThroughput | None:
        return {"get": self._key_reads, "set": self._key_writes}.get(cost.operation)


class KeyThroughput:
    """Bytes per second of each single key; keys that have rested for a second are forgotten."""

    def __init__(
        self, setting: s.Setting[int | None], settings: s.Settings, kind: WindowKind
    ) -> None:
        self.name = setting.name
        self.limit_mb = settings[setting]
        self._kind = kind
        # In the order of last use, so that the idle ones are at the front.
        self._windows: dict[Place, _LastSecond] = {}

    def __len__(self) -> int:
        """How many keys are remembered."""
        return len(self._windows)

    def fits(self, place: Place, size: int, now: Instant) -> bool:
        """Whether `size` more bytes may move within the second."""
        if self.limit_mb is None:
            return True
        used = self._windows[place].window.used(now) if place in self._windows else 0
        return used + size <= self.limit_mb * MB

    def take(self, place: Place, size: int, now: Instant) -> None:
        """Count `size` bytes."""
        if self.limit_mb is None:
            return
        entry = self._windows.pop(place, None) or _LastSecond(self._kind)
        entry.window.add(now, size)
        entry.used_at = now
        self._windows[place] = entry
        while self._windows[oldest := next(iter(self._windows))].used_at + SECOND <= now:
            del self._windows[oldest]

    def since(self, start: Instant) -> list[tuple[Place, Instant, float]]:
        """What was used from `start` on, by key."""
        found: list[tuple[Place, Instant, float]] = []
        for place, entry in reversed(self._windows.items()):
            if entry.used_at < start:
                break
            found += [(place, at, cost) for at, cost in entry.window.since(start)]
        return found

    def put_back(self, place: Place, at: Instant, cost: float) -> None:
        """Count what was used before a restart. Calls come in the order of `at`."""
        entry = self._windows.pop(place, None) or _LastSecond(self._kind)
        entry.window.add(at, cost)
        entry.used_at = at
        self._windows[place] = entry


class _LastSecond:
    __slots__ = ("used_at", "window")

    def __init__(self, kind: WindowKind) -> None:
        self.window = Window(kind, SECOND)
        self.used_at: Instant = 0


def _too_much(limit: str, allowed: str) -> Fault:
    message = f"The key-value store refused the request: over the limit of {allowed} ({limit})."
    return Fault(429, {"code": "RATE_LIMIT_EXCEEDED", "message": message}, limit=limit)
