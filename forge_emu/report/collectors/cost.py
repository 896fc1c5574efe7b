"""What Forge bills for what happened: seconds of functions, reads, writes, log lines.

forge-platform-pricing/, 2026-08-22; triggers, consumers and schedules count since 2026-07-02.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Any, Final, TypeAlias

from msgspec import UNSET

from forge_emu import settings as s
from forge_emu.manifest.functions import DEFAULT_MEMORY_MB
from forge_emu.model import SECOND, Instant
from forge_emu.records import (
    InvocationFinished,
    KvsDone,
    Log,
    RetryScheduled,
)
from forge_emu.report.collectors.collector import Collector
from forge_emu.report.collectors.run import RunCollector
from forge_emu.report.cost_figures import CostFigure, CostFigures
from forge_emu.settings import Setting, Settings
from forge_emu.settings.rate import READS
from forge_emu.timeline.invocations import ObservedInvocations, delivery_of

_MB_PER_GB: Final = 1_024
_DIGITS: Final = 12
_COMPUTE: Final = "compute"

_PRICES: Final[dict[str, tuple[Setting[float], Setting[float]]]] = {
    _COMPUTE: (s.COST_USD_PER_GB_SECOND, s.COST_FREE_GB_SECONDS),
    "kvs_reads": (s.COST_USD_PER_GB_READ, s.COST_FREE_GB_READ),
    "kvs_writes": (s.COST_USD_PER_GB_WRITTEN, s.COST_FREE_GB_WRITTEN),
    "logs": (s.COST_USD_PER_GB_LOGGED, s.COST_FREE_GB_LOGGED),
}
"""What is billed, with its price and free allowance. All but seconds of functions is in bytes."""

_MOST_FAILED: Final = 1_000
"""Attempts whose next one may still be recorded; it follows in the same turn."""

_Bill: TypeAlias = dict[str, float]
"""How much there was of each kind: milliseconds times MB, or bytes."""


class CostCollector(Collector):
    """Counts what is billed, and what of it is for attempts that were made again.

    A second of a function counts with the memory that the manifest gives it. Functions of remotes
    and changes by the user are not billed.
    """

    def __init__(
        self, settings: Settings, run: RunCollector, invocations: ObservedInvocations
    ) -> None:
        self.handlers = {
            InvocationFinished: self._on_finished,
            RetryScheduled: self._on_retry,
            KvsDone: self._on_kvs_done,
            Log: self._on_log,
        }
        self._settings = settings
        self._run = run
        self._total: _Bill = dict.fromkeys(_PRICES, 0.0)
        self._of_retries: _Bill = dict.fromkeys(_PRICES, 0.0)
        self._running = invocations.by_id
        self._failed: OrderedDict[str, _Bill] = OrderedDict()
        """What the last attempt of each delivery has cost, if it did not succeed."""

    def result(self) -> dict[str, Any]:
        """What there was of each kind, and its price."""
        parts = {kind: self._figure(kind) for kind in _PRICES if self._total[kind]}
        if not parts:
            return {"cost": UNSET}
        figures = CostFigures(
            usd=_rounded(sum(part.usd for part in parts.values())),
            retries_usd=_rounded(sum(part.retries_usd for part in parts.values())),
            computing_ms=self._computing_ms,
            parts=parts,
        )
        return {"cost": figures}

    def _figure(self, kind: str) -> CostFigure:
        price, free = (self._settings[setting] for setting in _PRICES[kind])
        unit = "GB-s" if kind == _COMPUTE else "GB"
        per_unit = SECOND * _MB_PER_GB if kind == _COMPUTE else self._settings[s.COST_GB_BYTES]
        amount = self._total[kind] / per_unit
        of_retries = self._of_retries[kind] / per_unit
        return CostFigure(
            _rounded(amount),
            unit,
            _rounded(amount * price),
            _rounded(of_retries * price),
            float(free),
        )

    @property
    def _computing_ms(self) -> float:
        """In virtual time nothing but waiting takes time, so that computing has to be added."""
        return float(self._settings[s.COST_COMPUTING_MS]) if self._run.in_virtual_time else 0.0

    def _on_finished(self, body: InvocationFinished, at: Instant) -> None:
        if body.function in self._run.functions:
            memory_mb = self._run.memory_mb.get(body.function, DEFAULT_MEMORY_MB)
            amount = (body.duration_ms + self._computing_ms) * memory_mb
            self._add(_COMPUTE, amount, body.invocation_id)
        running = self._running.get(body.invocation_id)
        if running is not None and body.outcome != "success":
            delivery = running.delivery or str(running.started.call_id)
            self._failed[delivery] = running.bill
            if len(self._failed) > _MOST_FAILED:
                self._failed.popitem(last=False)

    def _on_retry(self, body: RetryScheduled, at: Instant) -> None:
        delivery = delivery_of(body) or str(body.call_id)
        for kind, amount in self._failed.pop(delivery, {}).items():
            self._of_retries[kind] += amount

    def _on_kvs_done(self, body: KvsDone, at: Instant) -> None:
        if body.invocation_id is None:
            return
        is_read = body.operation.startswith(READS)
        counted = body.bytes
        if is_read and not counted:
            counted = self._settings[s.COST_EMPTY_READ_BYTES]
        self._add("kvs_reads" if is_read else "kvs_writes", counted, body.invocation_id)

    def _on_log(self, body: Log, at: Instant) -> None:
        if body.invocation_id is not None:
            self._add("logs", len(body.message.encode()), body.invocation_id)

    def _add(self, kind: str, amount: float, invocation_id: str) -> None:
        self._total[kind] += amount
        if (running := self._running.get(invocation_id)) is not None:
            running.bill[kind] = running.bill.get(kind, 0.0) + amount


def _rounded(amount: float) -> float:
    """As a float, also where there was nothing."""
    return round(float(amount), _DIGITS)
