"""Exact accounting of costs per window of time, and the limits measured by it.

A sliding window of a minute holds every cost of the last 60,000 ms and no older one; a fixed window
starts empty at each full minute of the run.
"""

from __future__ import annotations

from collections import deque
from typing import Final, Literal

import msgspec

from forge_emu import settings as s
from forge_emu.model import Instant, LimitUsage, Millis

WindowKind = Literal["sliding", "fixed"]

_WINDOW_CHOICES: Final = {"pushed_events": s.PUSH_WINDOW, "store_calls": s.KVS_WINDOW}
"""The setting that says which kind of window the rates of a resource have; others slide."""


def window_kind(rate: s.Rate, settings: s.Settings) -> WindowKind:
    """Which kind of window a rate has."""
    if rate.counts == "user_calls" or rate.is_long:
        return "fixed"
    chosen = _WINDOW_CHOICES.get(rate.counts)
    return "fixed" if chosen is not None and settings[chosen] == "fixed" else "sliding"


class QuotaUse(msgspec.Struct, frozen=True, array_like=True):
    """The totals of a limited resource since the state began.

    `current` is the beginning and the total of a window that is longer than a minute: its costs are
    not saved one by one.
    """

    hits: int
    peak: float
    taken: float
    first: Instant | None
    current: tuple[Instant, float] | None = None


class QuotaWindow:
    """The costs that count at an instant.

    Sliding: a cost at t counts during [t, t + period). Fixed: until the next full period; the first
    one has begun `offset` before the instant 0. `now` never goes back from one call to the next.
    """

    __slots__ = ("_costs", "_total", "kind", "offset", "period")

    def __init__(self, kind: WindowKind, period: Millis, offset: Millis = 0) -> None:
        self.kind = kind
        self.period = period
        self.offset = offset
        # One [instant, cost] per instant: a burst within a millisecond is one entry.
        self._costs: deque[list[float]] = deque()
        self._total: float = 0

    def add_cost(self, now: Instant, cost: float) -> float:
        """Count `cost` from `now` on; answers the sum of what counts now."""
        costs = self._costs
        if costs and costs[0][0] + self.period <= now:
            self._expire(now)
        if not cost:
            return self._total
        start = now if self.kind == "sliding" else self.next_start(now) - self.period
        if costs and costs[-1][0] == start:
            costs[-1][1] += cost
        else:
            costs.append([start, cost])
        self._total += cost
        return self._total

    def total(self, now: Instant) -> float:
        """The sum of what counts at `now`."""
        self._expire(now)
        return self._total

    def next_start(self, now: Instant) -> Instant:
        """When the next fixed window begins."""
        return now - (now + self.offset) % self.period + self.period

    def costs_since(self, start: Instant) -> list[tuple[Instant, float]]:
        """The costs from `start` on, oldest first, each with the instant it counts from."""
        found: list[tuple[Instant, float]] = []
        for at, cost in reversed(self._costs):
            if at < start:
                break
            found.append((int(at), cost))
        return found[::-1]

    @property
    def latest_cost(self) -> tuple[Instant, float] | None:
        """The last cost, with the instant it counts from."""
        return (int(self._costs[-1][0]), self._costs[-1][1]) if self._costs else None

    def _expire(self, now: Instant) -> None:
        while self._costs and self._costs[0][0] + self.period <= now:
            self._total -= self._costs.popleft()[1]


class Meter:
    """A limited resource: what of it is in use, and whether more may be taken.

    `name` is the setting behind the limit, `label` what people read, `limit` None means that
    everything fits (it is counted all the same). Costs are in `scale`ths of the limit's unit: in
    bytes where that is a MB. `saves_costs` says whether the state has its costs one by one.
    """

    def __init__(
        self,
        name: str,
        label: str,
        unit: str,
        window: QuotaWindow,
        limit: float | None,
        scale: int = 1,
        *,
        saves_costs: bool = True,
    ) -> None:
        self.saves_costs = saves_costs
        self.name = name
        self.label = label
        self.unit = unit
        self.window = window
        self.limit = limit
        self._scale = scale
        self._most = None if limit is None else limit * scale
        self._hits = 0
        self._peak: float = 0
        self._consumed: float = 0
        self._first_use: Instant | None = None

    def fits(self, now: Instant, cost: float) -> bool:
        """Whether `cost` may be taken at `now`."""
        return self._most is None or self.window.total(now) + cost <= self._most

    def consume(self, now: Instant, cost: float) -> None:
        """Count `cost`, whether it fits or not."""
        if self._first_use is None:
            self._first_use = now
        total = self.window.add_cost(now, cost)
        self._consumed += cost
        if total > self._peak:
            self._peak = total

    def count_refusal(self, now: Instant, cost: float) -> None:
        """Count a hit: something was refused because `cost` did not fit."""
        del now, cost  # not needed; kept so that the signature is that of `fits` and `consume`
        self._hits += 1

    def quota_use(self) -> QuotaUse:
        """The totals so far, as they are saved."""
        current = None if self.saves_costs else self.window.latest_cost
        return QuotaUse(self._hits, self._peak, self._consumed, self._first_use, current)

    def restore(self, use: QuotaUse) -> None:
        """Restore the totals of before a restart."""
        self._hits, self._first_use = use.hits, use.first
        self._peak, self._consumed = use.peak, use.taken
        if use.current is not None:
            self.window.add_cost(*use.current)

    def usage(self, now: Instant) -> LimitUsage:
        """Figures for people. `mean` is per window since the first use, and never above `peak`."""
        mean: float = 0
        if self._first_use is not None:
            period = self.window.period
            mean = self._consumed * period / max(period, now - self._first_use)
            # The last costs count for longer than has passed since them.
            mean = min(mean, self._peak)
        return LimitUsage(
            name=self.name,
            label=self.label,
            used=in_unit(self.window.total(now), self._scale),
            limit=self.limit,
            unit=self.unit,
            hits=self._hits,
            peak=in_unit(self._peak, self._scale),
            mean=in_unit(mean, self._scale),
        )


def meter_for(setting: s.RateSetting, settings: s.Settings, epoch_ms: int = 0) -> Meter:
    """The meter of a limit per time. `epoch_ms` is the instant 0 in real time: windows of an hour
    begin at full hours (UTC)."""
    rate = setting.rate
    offset = epoch_ms % rate.window if rate.is_long else 0
    window = QuotaWindow(window_kind(rate, settings), rate.window, offset)
    limit, scale = settings[setting], setting.bytes_per_unit
    saves_costs = not rate.is_long
    return Meter(
        setting.name, rate.label, setting.unit, window, limit, scale, saves_costs=saves_costs
    )


class Meters:
    """Every limit per time of a resource. What is taken has to fit into all of them."""

    def __init__(self, counts: s.Resource, settings: s.Settings, epoch_ms: int = 0) -> None:
        rates = s.rates(counts, per_key=False)
        self.all = [meter_for(setting, settings, epoch_ms) for setting in rates]
        self._only_where_set = {setting.name for setting in rates if setting.only_where_set}

    def find_full(self, now: Instant, cost: float) -> Meter | None:
        """The first limit into which `cost` does not fit."""
        for meter in self.all:
            if not meter.fits(now, cost):
                return meter
        return None

    def consume(self, now: Instant, cost: float) -> None:
        """Count `cost`, whether it fits or not."""
        for meter in self.all:
            meter.consume(now, cost)

    def usage(self, now: Instant) -> list[LimitUsage]:
        """How much of each is in use; those that the platform has not only where they are set."""
        return [
            meter.usage(now)
            for meter in self.all
            if meter.limit is not None or meter.name not in self._only_where_set
        ]


def in_unit(amount: float, scale: int) -> float:
    """A counted amount in the unit that people read."""
    return amount if scale == 1 else amount / scale
