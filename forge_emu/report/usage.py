"""Use of each limit over time, computed from records with the limit's own window."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from forge_emu import settings as s
from forge_emu.engine.quota import QuotaWindow, WindowKind
from forge_emu.model import MINUTE, SECOND, Instant, Millis
from forge_emu.records import (
    EventDeferred,
    EventPushed,
    InvocationStarted,
    KvsDone,
    KvsRefused,
    PushRefused,
    Record,
    is_kvs_read,
)
from forge_emu.settings import Settings

LimitSetting = s.Setting[int | None]

_LABELS = {
    s.PUSH_EVENTS_PER_MINUTE.name: "Events pushed",
    s.KVS_REQUESTS_PER_SECOND.name: "Store requests",
    s.KVS_READ_UNITS.name: "Store read units",
    s.KVS_WRITE_UNITS.name: "Store write units",
    s.KVS_OLD_READS.name: "Store reads",
    s.KVS_OLD_WRITES.name: "Store writes",
    s.KVS_OLD_DELETES.name: "Store deletes",
    s.KVS_OLD_QUERIES.name: "Store queries",
    s.KVS_OLD_BATCHES.name: "Store batches",
    s.INVOCATIONS_PER_MINUTE.name: "Invocations",
}

_OLD_RATES: dict[str, tuple[LimitSetting, Millis]] = {
    "get": (s.KVS_OLD_READS, 20 * SECOND),
    "set": (s.KVS_OLD_WRITES, 20 * SECOND),
    "delete": (s.KVS_OLD_DELETES, 20 * SECOND),
    "query": (s.KVS_OLD_QUERIES, 20 * SECOND),
    "batch": (s.KVS_OLD_BATCHES, MINUTE),
}
"""The old rules by the first word of what they count."""


class UsageSeries(msgspec.Struct, frozen=True):
    """The highest use of a limit within each step of `width_ms` from the instant `start` on.

    `hits` counts what it refused or deferred in each step. `limit` None means unlimited.
    """

    name: str
    label: str
    unit: str
    limit: float | None
    start: Instant
    width_ms: Millis
    peaks: list[float]
    hits: list[int]


class Gauge:
    """One limit: its window, and the peaks of at most `most` steps, which widen when needed.

    `most` None keeps every step.
    """

    def __init__(
        self,
        setting: LimitSetting,
        limit: float | None,
        kind: WindowKind,
        period: Millis,
        *,
        most: int | None = 480,
        width: Millis = 250,
    ) -> None:
        self.name = setting.name
        self.unit = setting.unit
        self.limit = limit
        self._window = QuotaWindow(kind, period)
        self._most = most
        self._width = width
        self._start: Instant | None = None
        self._peaks: list[float] = []
        self._hits: list[int] = []

    def add_use(self, at: Instant, cost: float) -> None:
        """Add the use of `cost` at `at`."""
        index = self._step_at(at)
        self._window.add_cost(at, cost)
        self._peaks[index] = max(self._peaks[index], self._window.total(at))

    def add_hit(self, at: Instant) -> None:
        """Count something that the limit refused or deferred."""
        index = self._step_at(at)
        self._hits[index] += 1

    def series(self, end: Instant) -> UsageSeries | None:
        """All steps until `end`; None where nothing was ever used."""
        if self._start is None:
            return None
        self._step_at(max(end, self._start))
        label = _LABELS.get(self.name, self.name)
        return UsageSeries(
            self.name, label, self.unit, self.limit, self._start, self._width,
            list(self._peaks), list(self._hits),
        )  # fmt: skip

    def _step_at(self, at: Instant) -> int:
        """The step of `at`; steps on the way begin with what still counts by then."""
        if self._start is None:
            self._start = at - at % SECOND
        while (index := max(0, at - self._start) // self._width) >= (self._most or index + 1):
            self._double_width()
        while len(self._peaks) <= index:
            begin = self._start + len(self._peaks) * self._width
            self._peaks.append(self._window.total(begin) if self._peaks else 0)
            self._hits.append(0)
        return index

    def _double_width(self) -> None:
        self._width *= 2
        pairs = range(0, len(self._peaks), 2)
        self._peaks = [max(self._peaks[i : i + 2]) for i in pairs]
        self._hits = [sum(self._hits[i : i + 2]) for i in pairs]


MakeGauge = Callable[[LimitSetting, "float | None", WindowKind, Millis], Gauge]


class UsageOverTime:
    """Every limit that is counted by a window. Give it every record in order."""

    def __init__(self, settings: Settings, make_gauge: MakeGauge = Gauge) -> None:
        self._count_refused_pushes = settings[s.PUSH_COUNT_REFUSED]
        self._count_refused_calls = settings[s.KVS_COUNT_REFUSED]
        store, push = _window_kind(settings[s.KVS_WINDOW]), _window_kind(settings[s.PUSH_WINDOW])

        def gauge(setting: LimitSetting, kind: WindowKind, period: Millis) -> Gauge:
            return make_gauge(setting, settings[setting], kind, period)

        reads = gauge(s.KVS_READ_UNITS, store, MINUTE)
        writes = gauge(s.KVS_WRITE_UNITS, store, MINUTE)
        self._pushes = gauge(s.PUSH_EVENTS_PER_MINUTE, push, MINUTE)
        self._requests = gauge(s.KVS_REQUESTS_PER_SECOND, store, SECOND)
        self._reads, self._writes = reads, writes
        self._old = {
            kind: gauge(setting, store, period)
            for kind, (setting, period) in _OLD_RATES.items()
            if settings[setting] is not None
        }
        self._invocations = (
            gauge(s.INVOCATIONS_PER_MINUTE, "sliding", MINUTE)
            if settings[s.INVOCATIONS_PER_MINUTE] is not None
            else None
        )
        every = [self._pushes, self._requests, reads, writes, *self._old.values()]
        self.gauges = every + ([self._invocations] if self._invocations else [])
        self._by_name = {found.name: found for found in self.gauges}

    def add_record(self, record: Record) -> None:
        """Add the next record."""
        match record.body:
            case EventPushed():
                self._pushes.add_use(record.at, 1)
            case PushRefused() as refused:
                self._add_hit(refused.limit, record.at)
                if self._count_refused_pushes and refused.status == 429:
                    self._pushes.add_use(record.at, refused.events)
            case KvsDone() as done:
                self._add_call(done.operation, done.units, record.at)
            case KvsRefused() as refusal:
                self._add_hit(refusal.limit, record.at)
                if self._count_refused_calls:
                    self._add_refused_call(refusal, record.at)
            case EventDeferred() as deferred:
                if deferred.limit == "invocations_per_minute":
                    self._add_hit(s.INVOCATIONS_PER_MINUTE.name, record.at)
            case InvocationStarted() if self._invocations:
                self._invocations.add_use(record.at, 1)

    def series(self, end: Instant) -> list[UsageSeries]:
        """Every limit that something used or met."""
        return [found for gauge in self.gauges if (found := gauge.series(end))]

    def _add_hit(self, limit: str | None, at: Instant) -> None:
        if gauge := self._by_name.get(limit or ""):
            gauge.add_hit(at)

    def _add_call(self, operation: str, units: int, at: Instant) -> None:
        self._requests.add_use(at, 1)
        (self._reads if is_kvs_read(operation) else self._writes).add_use(at, units)
        kind, _, _ = operation.partition("_")
        if old := self._old.get("set" if kind == "transact" else kind):
            old.add_use(at, 1)

    def _add_refused_call(self, refusal: KvsRefused, at: Instant) -> None:
        if refusal.of_batch is True:
            # The batch is one request, with a record of its own.
            return
        if refusal.units is not None:
            self._add_call(refusal.operation, refusal.units, at)
        elif refusal.status == 400:
            self._requests.add_use(at, 1)


def _window_kind(choice: str) -> WindowKind:
    return "fixed" if choice == "fixed" else "sliding"
