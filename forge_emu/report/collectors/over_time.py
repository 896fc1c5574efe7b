"""Attempts, refusals and deferrals over time, in a bounded number of equal steps."""

from __future__ import annotations

from typing import Any

from forge_emu.model import Instant, Millis
from forge_emu.records import (
    EventDeferred,
    InvocationStarted,
    KvsRefused,
    PushRefused,
    RequestAnswered,
)
from forge_emu.report.collectors.collector import Collector
from forge_emu.report.summary import AttemptSeries


class OverTimeCollector(Collector):
    """Counts first attempts, retries, refusals and deferrals in at most `most` steps."""

    def __init__(self, most: int = 120) -> None:
        self.handlers = {
            InvocationStarted: self._on_started,
            PushRefused: self._on_refused,
            KvsRefused: self._on_refused,
            RequestAnswered: self._on_answered,
            EventDeferred: self._on_deferred,
        }
        self._counts = CountsOverTime(most)

    def series(self) -> AttemptSeries:
        """The four series, all of the same length."""
        return self._counts.series()

    def result(self) -> dict[str, Any]:
        """The four series, as one field of the summary."""
        return {"attempts_over_time": self.series()}

    def _on_started(self, body: InvocationStarted, at: Instant) -> None:
        self._counts.count("first" if body.attempt == 1 else "retries", at)

    def _on_refused(self, body: PushRefused | KvsRefused, at: Instant) -> None:
        self._counts.count("refusals", at)

    def _on_answered(self, body: RequestAnswered, at: Instant) -> None:
        if isinstance(body.limit, str):
            self._counts.count("refusals", at)

    def _on_deferred(self, body: EventDeferred, at: Instant) -> None:
        self._counts.count("deferrals", at)


class CountsOverTime:
    """Counts in at most `most` equal steps; the steps double whenever time outgrows them."""

    SERIES = ("first", "retries", "refusals", "deferrals")

    def __init__(self, most: int = 120, width: Millis = 100) -> None:
        self._most = most
        self._width = width
        self._start: Instant | None = None
        self._counts: dict[str, list[int]] = {name: [] for name in self.SERIES}

    def count(self, series: str, at: Instant) -> None:
        """Count one more of `series` at `at`."""
        if self._start is None:
            self._start = at
        index = max(0, at - self._start) // self._width
        while index >= self._most:
            self._width *= 2
            for name, steps in self._counts.items():
                self._counts[name] = [sum(steps[i : i + 2]) for i in range(0, len(steps), 2)]
            index //= 2
        steps = self._counts[series]
        if index >= len(steps):
            steps.extend([0] * (index + 1 - len(steps)))
        steps[index] += 1

    def series(self) -> AttemptSeries:
        """All series, equally long; empty where nothing was counted."""
        if self._start is None:
            return AttemptSeries()
        longest = max(map(len, self._counts.values()))
        return AttemptSeries(
            self._start,
            self._width,
            **{name: n + [0] * (longest - len(n)) for name, n in self._counts.items()},
        )
