"""Limits per time that hold for each key alone, or for each partition of an entity's index."""

from __future__ import annotations

from forge_emu import settings as s
from forge_emu.engine.kvs.place import KvsPlace
from forge_emu.engine.quota import QuotaUse, QuotaWindow, WindowKind, in_unit
from forge_emu.model import Instant, LimitUsage, Millis


class KeyThroughput:
    """What each key used within the limit's window; those without use in it are forgotten.

    Nothing is counted where there is no limit. `peak` is the highest use of any key.
    """

    def __init__(self, setting: s.RateSetting, settings: s.Settings, kind: WindowKind) -> None:
        self.name = setting.name
        self.unit = setting.unit
        self.limit = settings[setting]
        self.hits = 0
        """How often it refused something."""
        self._label = setting.rate.label
        self._scale = setting.bytes_per_unit
        self._most = None if self.limit is None else self.limit * self._scale
        self._kind = kind
        self._period = setting.rate.window
        self._peak: float = 0
        # In the order of last use, so that the idle ones are at the front.
        self._windows: dict[KvsPlace, _KeyWindow] = {}

    def __len__(self) -> int:
        """How many keys are remembered."""
        return len(self._windows)

    def fits(self, place: KvsPlace, cost: int, now: Instant) -> bool:
        """Whether a key may use `cost` more now."""
        if self._most is None:
            return True
        used = self._windows[place].window.total(now) if place in self._windows else 0
        return used + cost <= self._most

    def count_refusal(self) -> None:
        """Count a hit: something was refused because it did not fit."""
        self.hits += 1

    def consume(self, place: KvsPlace, cost: int, now: Instant) -> None:
        """Count `cost`, whether it fits or not."""
        if self._most is None:
            return
        entry = self._add_cost(place, now, cost)
        self._peak = max(self._peak, entry.window.total(now))
        while self._windows[oldest := next(iter(self._windows))].used_at + self._period <= now:
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
        self._add_cost(place, at, cost)

    def quota_use(self) -> QuotaUse:
        """The hits and the peak so far, as they are saved."""
        return QuotaUse(self.hits, self._peak, 0, None)

    def restore_use(self, use: QuotaUse) -> None:
        """Restore the hits and the peak of before a restart."""
        self.hits, self._peak = use.hits, use.peak

    def usage(self, now: Instant) -> LimitUsage:
        """Figures for people: those of the key that uses most. They have no mean."""
        used = max((entry.window.total(now) for entry in self._windows.values()), default=0)
        return LimitUsage(
            name=self.name,
            label=self._label,
            used=in_unit(used, self._scale),
            limit=self.limit,
            unit=self.unit,
            hits=self.hits,
            peak=in_unit(self._peak, self._scale),
        )

    def _add_cost(self, place: KvsPlace, at: Instant, cost: float) -> _KeyWindow:
        """Count a cost; the key becomes the last used."""
        entry = self._windows.pop(place, None) or _KeyWindow(self._kind, self._period)
        entry.window.add_cost(at, cost)
        entry.used_at = at
        self._windows[place] = entry
        return entry


class _KeyWindow:
    """What one key used."""

    __slots__ = ("used_at", "window")

    def __init__(self, kind: WindowKind, period: Millis) -> None:
        self.window = QuotaWindow(kind, period)
        self.used_at: Instant = 0
