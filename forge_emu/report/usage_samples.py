"""The use of each limit by the second, yielded as soon as a second is over. Never grows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeAlias

from forge_emu.model import SECOND, Instant
from forge_emu.records import Record
from forge_emu.report.usage import Gauge, UsageOverTime
from forge_emu.settings import Settings

UsageSample: TypeAlias = tuple[str, Instant, float]
"""A limit with its unit, the second's beginning, the highest use within it."""


class UsageSampler:
    """Give it every record in order; it yields the seconds that are over and brought a change."""

    def __init__(self, settings: Settings) -> None:
        self._usage = UsageOverTime(settings, _StreamingGauge)

    def add_record(self, record: Record) -> Iterator[UsageSample]:
        """Add the next record at once; the caller iterates over the samples that it completes."""
        self._usage.add_record(record)
        return self._finished_seconds()

    def finish_samples(self, end: Instant) -> Iterator[UsageSample]:
        """The rest, up to `end`."""
        for gauge in self._usage.gauges:
            gauge.series(end + SECOND)
        return self._finished_seconds()

    def _finished_seconds(self) -> Iterator[UsageSample]:
        for gauge in self._usage.gauges:
            assert isinstance(gauge, _StreamingGauge)
            for at, used in gauge.take_finished_seconds():
                yield f"{gauge.name} ({gauge.unit})", at, used


class _StreamingGauge(Gauge):
    """A gauge that drops the seconds it has yielded, so that it never grows."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments, most=None, width=SECOND)
        self._last_peak: float | None = None

    def take_finished_seconds(self) -> Iterator[tuple[Instant, float]]:
        """The seconds that are over and differ from the one before."""
        if self._start is None or len(self._peaks) < 2:
            return
        done, self._peaks, self._hits = self._peaks[:-1], self._peaks[-1:], self._hits[-1:]
        start, self._start = self._start, self._start + len(done) * SECOND
        for i, peak in enumerate(done):
            if peak != self._last_peak:
                self._last_peak = peak
                yield start + i * SECOND, peak
