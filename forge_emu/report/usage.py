"""Use of each limit over time, computed from records with the limit's own window."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from forge_emu import settings as s
from forge_emu.engine.quota import QuotaWindow, WindowKind, in_unit, window_kind
from forge_emu.model import HOUR, SECOND, Instant, Millis
from forge_emu.records import (
    CallFailed,
    EventPushed,
    InvocationStarted,
    KvsDone,
    KvsRefused,
    PushRefused,
    Record,
    RequestAnswered,
    RetryScheduled,
)
from forge_emu.report.usage_amounts import ms_of_hour, used_keys
from forge_emu.settings import Settings
from forge_emu.settings.rate import POINTS


class UsageSeries(msgspec.Struct, frozen=True):
    """The highest use of a limit within each step of `width_ms` from the instant `start` on.

    `hits` counts what it refused or deferred in each step. `limit` None means unlimited. `calls`
    are what fits into a minute, such as `writes`. A limit of single keys or partitions (`per`) has
    the use of the one that used most.
    """

    name: str
    label: str
    unit: str
    limit: float | None
    start: Instant
    width_ms: Millis
    peaks: list[float]
    hits: list[int]
    calls: str = "calls"
    per: s.Scope = "installation"


class Gauge:
    """One limit: its window, and the peaks of at most `most` steps, which widen when needed.

    `most` None keeps every step.
    """

    def __init__(
        self,
        setting: s.RateSetting,
        limit: float | None,
        kind: WindowKind,
        period: Millis,
        *,
        most: int | None = 480,
        width: Millis = 250,
    ) -> None:
        self.name = setting.name
        self.unit = setting.unit
        self.rate = setting.rate
        self.limit = limit
        self._scale = setting.bytes_per_unit
        self._window = QuotaWindow(kind, period)
        self._most = most
        self._width = width
        self._start: Instant | None = None
        self._peaks: list[float] = []
        self._hits: list[int] = []

    def begin_windows_at(self, offset: Millis) -> None:
        """The first window has begun `offset` before the instant 0."""
        self._window.offset = offset

    def add_use(self, at: Instant, cost: float) -> None:
        """Add the use of `cost` at `at`."""
        index = self._step_at(at)
        self._raise_peak(index, self._window.add_cost(at, cost))

    def add_hit(self, at: Instant) -> None:
        """Count something that the limit refused or deferred."""
        index = self._step_at(at)
        self._hits[index] += 1

    def series(self, end: Instant) -> UsageSeries | None:
        """All steps until `end`; None where nothing was ever used."""
        if self._start is None:
            return None
        self._step_at(max(end, self._start))
        return UsageSeries(
            self.name,
            self.rate.chart_label,
            self.unit,
            self.limit,
            self._start,
            self._width,
            list(self._peaks),
            list(self._hits),
            self.rate.calls,
            self.rate.per,
        )

    def _used(self, at: Instant) -> float:
        return in_unit(self._window.total(at), self._scale)

    def _raise_peak(self, index: int, total: float) -> None:
        used = in_unit(total, self._scale)
        if used > self._peaks[index]:
            self._peaks[index] = used

    def _step_at(self, at: Instant) -> int:
        """The step of `at`; steps on the way begin with what still counts by then."""
        if self._start is None:
            self._start = at - at % SECOND
        index = (at - self._start) // self._width
        if 0 <= index < len(self._peaks):
            return index
        while (index := max(0, at - self._start) // self._width) >= (self._most or index + 1):
            self._double_width()
        while len(self._peaks) <= index:
            begin = self._start + len(self._peaks) * self._width
            self._peaks.append(self._used(begin) if self._peaks else 0)
            self._hits.append(0)
        return index

    def _double_width(self) -> None:
        self._width *= 2
        pairs = range(0, len(self._peaks), 2)
        self._peaks = [max(self._peaks[i : i + 2]) for i in pairs]
        self._hits = [sum(self._hits[i : i + 2]) for i in pairs]


class KeyGauge(Gauge):
    """A limit that holds for each key, or each partition; those without use are forgotten."""

    def __init__(
        self, setting: s.RateSetting, limit: float | None, kind: WindowKind, period: Millis
    ) -> None:
        super().__init__(setting, limit, kind, period)
        self._kind = kind
        self._period = period
        # In the order of last use, with its instant: the idle ones are at the front.
        self._windows: dict[str, tuple[QuotaWindow, Instant]] = {}

    def add_key_use(self, key: str, at: Instant, cost: float) -> None:
        """Add the use of `cost` by `key` at `at`."""
        known = self._windows.pop(key, None)
        window = known[0] if known else QuotaWindow(self._kind, self._period)
        total = window.add_cost(at, cost)
        self._windows[key] = window, at
        self._raise_peak(self._step_at(at), total)
        while self._windows[oldest := next(iter(self._windows))][1] + self._period <= at:
            del self._windows[oldest]

    def _used(self, at: Instant) -> float:
        most = max((window.total(at) for window, _ in self._windows.values()), default=0)
        return in_unit(most, self._scale)


MakeGauge = Callable[[s.RateSetting, "float | None", WindowKind, Millis], Gauge]


class UsageOverTime:
    """Every limit per time. Give it every record in order.

    Those that the platform no longer has are left out where they are not set. `gauges` are those of
    the installation, `key_gauges` those of single keys and of partitions.
    """

    def __init__(self, settings: Settings, make_gauge: MakeGauge = Gauge) -> None:
        self._count_refused_pushes = settings[s.PUSH_COUNT_REFUSED]
        self._count_refused_calls = settings[s.KVS_COUNT_REFUSED]
        self._unit_bytes = settings[s.KVS_UNIT_KB] * 1000
        shown = [
            setting
            for setting in s.rates(per_key=False)
            if settings[setting] is not None or not setting.only_where_set
        ]

        def window_of(setting: s.RateSetting) -> tuple[float | None, WindowKind, Millis]:
            rate = setting.rate
            return settings[setting], window_kind(rate, settings), rate.window

        self.gauges = [make_gauge(setting, *window_of(setting)) for setting in shown]
        self.key_gauges = [
            KeyGauge(setting, *window_of(setting))
            for setting in s.rates("store_calls", per_key=True)
        ]
        self._by_name: dict[str, Gauge] = {
            gauge.name: gauge for gauge in (*self.gauges, *self.key_gauges)
        }
        self._of_push = self._counting("pushed_events")
        self._of_store = self._counting("store_calls")
        self._of_invocation = self._counting("invocations")
        self._of_user_call = self._counting("user_calls")
        self._of_points = {
            product: self._counting(resource) for product, resource in POINTS.items()
        }
        self._knows_hours = False
        # What counts each operation of the store is looked up once.
        self._by_operation: dict[str, list[Gauge]] = {}
        self._of_keys: dict[str, list[KeyGauge]] = {}
        self.handlers: dict[type, Callable[[Any, Record], None]] = {
            EventPushed: lambda body, record: self._add_use(self._of_push, record.at, 1),
            PushRefused: self._add_refused_push,
            KvsDone: self._add_done,
            KvsRefused: self._add_refused_call,
            RetryScheduled: lambda body, record: self._add_hit_of(body.limit, record.at),
            CallFailed: lambda body, record: self._add_hit_of(body.limit, record.at),
            RequestAnswered: self._add_answered,
            InvocationStarted: self._add_invocation,
        }

    def add_record(self, record: Record) -> None:
        """Add the next record."""
        if add := self.handlers.get(type(record.body)):
            add(record.body, record)

    def series(self, end: Instant) -> list[UsageSeries]:
        """Every limit that something used or met."""
        gauges = (*self.gauges, *self.key_gauges)
        return [found for gauge in gauges if (found := gauge.series(end))]

    def _counting(self, resource: s.Resource) -> list[Gauge]:
        return [gauge for gauge in self.gauges if gauge.rate.counts == resource]

    @staticmethod
    def _add_use(gauges: list[Gauge], at: Instant, cost: float) -> None:
        for gauge in gauges:
            gauge.add_use(at, cost)

    def _add_hit_of(self, limit: object, at: Instant) -> None:
        """A hit of the limit of this name; of nothing where there is none."""
        if isinstance(limit, str) and (gauge := self._by_name.get(limit)):
            gauge.add_hit(at)

    def _add_invocation(self, body: InvocationStarted, record: Record) -> None:
        self._add_use(self._of_invocation, record.at, 1)
        if body.module in ("resolver", "web_trigger"):
            self._add_use(self._of_user_call, record.at, 1)

    def _add_refused_push(self, body: PushRefused, record: Record) -> None:
        self._add_hit_of(body.limit, record.at)
        if self._count_refused_pushes and body.status == 429:
            self._add_use(self._of_push, record.at, body.events)

    def _add_answered(self, body: RequestAnswered, record: Record) -> None:
        self._add_hit_of(body.limit, record.at)
        if not isinstance(body.points, int):
            return
        gauges = self._of_points.get(body.service.rpartition("/")[2], [])
        if not self._knows_hours:
            self._knows_hours = True
            for gauge in (each for of_product in self._of_points.values() for each in of_product):
                gauge.begin_windows_at((ms_of_hour(record.time) - record.at) % HOUR)
        self._add_use(gauges, record.at, body.points)

    def _add_done(self, body: KvsDone, record: Record) -> None:
        self._add_call(body.operation, body.units, body.bytes, record.at)
        self._add_key_uses(body, record.at)

    def _add_call(self, operation: str, units: int, size: int, at: Instant) -> None:
        if operation not in self._by_operation:
            self._by_operation[operation] = [
                gauge for gauge in self._of_store if gauge.rate.counts_operation(operation)
            ]
        for gauge in self._by_operation[operation]:
            gauge.add_use(at, gauge.rate.amount_of(units, size))

    def _add_key_uses(self, done: KvsDone, at: Instant) -> None:
        operation = done.operation
        if operation not in self._of_keys:
            self._of_keys[operation] = [
                gauge for gauge in self.key_gauges if gauge.rate.counts_operation(operation)
            ]
        for gauge in self._of_keys[operation]:
            for key, size in used_keys(done, gauge.rate.per):
                units = max(1, -(-size // self._unit_bytes))
                if amount := gauge.rate.amount_of(units, size):
                    gauge.add_key_use(key, at, amount)

    def _add_refused_call(self, refusal: KvsRefused, record: Record) -> None:
        at = record.at
        self._add_hit_of(refusal.limit, at)
        if not self._count_refused_calls:
            return
        if refusal.of_batch is True:
            # The batch is one request, with a record of its own.
            return
        if refusal.units is not None:
            # The record does not tell the bytes.
            self._add_call(refusal.operation, refusal.units, 0, at)
        elif refusal.status == 400:
            self._add_use([g for g in self._of_store if g.rate.counts_every_call], at, 1)
