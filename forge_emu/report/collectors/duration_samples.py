"""The median, the 95th percentile and the longest of many durations, in bounded memory."""

from __future__ import annotations

from array import array

from forge_emu.model import Millis
from forge_emu.report.summary import DurationFigures


class DurationSamples:
    """Durations; exact up to `most`, then every second one, every fourth one, ..."""

    def __init__(self, most: int = 1_000_000) -> None:
        self._most = most
        self._durations: array[int] = array("q")
        self._step = 1
        self._count = 0
        self._longest = 0

    def add_duration(self, duration: Millis) -> None:
        """Count one more duration of `duration` milliseconds."""
        if self._count % self._step == 0:
            if len(self._durations) >= self._most:
                self._durations = self._durations[::2]
                self._step *= 2
            if self._count % self._step == 0:
                self._durations.append(duration)
        self._count += 1
        self._longest = max(self._longest, duration)

    def figures(self) -> DurationFigures:
        """The median, the 95th percentile (nearest rank) and the longest."""
        kept = sorted(self._durations)
        if not kept:
            return DurationFigures()
        return DurationFigures(
            self._count, _percentile(kept, 50), _percentile(kept, 95), self._longest
        )


def _percentile(ordered: list[int], percent: int) -> int:
    return ordered[max(0, -(-len(ordered) * percent // 100) - 1)]
