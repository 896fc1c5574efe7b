"""The use of each limit by the second, yielded as soon as a second is over. Never grows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeAlias

from forge_emu.model import SECOND, Instant
from forge_emu.records import Record
from forge_emu.report.usage import Gauge, UsageOverTime
from forge_emu.settings import Settings

Sample: TypeAlias = tuple[str, Instant, float]
"""A limit with its unit, the second's beginning, the highest use within it."""


class Counters:
    """Give it every record in order; it yields the seconds that are over and brought a change."""

    def __init__(self, settings: Settings) -> None:
        self._usage = UsageOverTime(settings, _Live)

    def feed(self, record: Record) -> Iterator[Sample]:
        """Add the next record at once; the caller iterates over the samples that it completes."""
        self._usage.feed(record)
        return self._over()

    def finish(self, end: Instant) -> Iterator[Sample]:
        """The rest, up to `end`."""
        for gauge in self._usage.gauges:
            gauge.series(end + SECOND)
        return self._over()

    def _over(self) -> Iterator[Sample]:
        for gauge in self._usage.gauges:
            assert isinstance(gauge, _Live)
            for at, used in gauge.over():
                yield f"{gauge.name} ({gauge.unit})", at, used


class _Live(Gauge):
    """A gauge that drops the seconds it has yielded, so that it never grows."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments, most=None, width=SECOND)
        self._said: float | None = None

    def over(self) -> Iterator[tuple[Instant, float]]:
        """The seconds that are over and differ from the one before."""
        if self._start is None or len(self._peaks) < 2:
            return
        done, self._peaks, self._hits = self._peaks[:-1], self._peaks[-1:], self._hits[-1:]
        start, self._start = self._start, self._start + len(done) * SECOND
        for i, peak in enumerate(done):
            if peak != self._said:
                self._said = peak
                yield start + i * SECOND, peak
