"""Small collectors with bounded memory: spans of time, counts over time, kinds of errors."""

from __future__ import annotations

import re
from array import array
from collections import Counter

from forge_emu.model import ErrorReport, Instant, Millis
from forge_emu.report.advice.source_places import frame_of
from forge_emu.report.summary import (
    AttemptSeries,
    DurationFigures,
    ErrorFigure,
    EventFigures,
    ProductFigures,
)
from forge_emu.timeline import ProductCounts, QueueCounts


class DurationSamples:
    """Spans of time; exact up to `most`, then every second one, every fourth one, ..."""

    def __init__(self, most: int = 1_000_000) -> None:
        self._most = most
        self._durations: array[int] = array("q")
        self._step = 1
        self._count = 0
        self._longest = 0

    def add_duration(self, span: Millis) -> None:
        """Add one duration."""
        if self._count % self._step == 0:
            if len(self._durations) >= self._most:
                self._durations = self._durations[::2]
                self._step *= 2
            if self._count % self._step == 0:
                self._durations.append(span)
        self._count += 1
        self._longest = max(self._longest, span)

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


_DIGITS = re.compile(r"\d+")


class ErrorKinds:
    """Kinds of errors: name and message, numbers in messages aside."""

    def __init__(self, most: int = 500) -> None:
        self._most = most
        self._counts: Counter[tuple[str, str]] = Counter()
        self._samples: dict[tuple[str, str], ErrorReport] = {}
        self.total = 0

    def add_error(self, error: ErrorReport) -> None:
        """Count one more; beyond `most` kinds, new kinds are only counted in the total."""
        self.total += 1
        kind = (error.name, _DIGITS.sub("0", error.message[:500]))
        if kind not in self._samples:
            if len(self._samples) >= self._most:
                return
            self._samples[kind] = error
        self._counts[kind] += 1

    def top(self, most: int) -> list[ErrorFigure]:
        """The most frequent kinds, each with the message that was seen first."""
        ranked = sorted(self._counts.items(), key=lambda item: (-item[1], item[0]))
        return [
            ErrorFigure(
                self._samples[kind].name,
                self._samples[kind].message[:500],
                count,
                frame_of(self._samples[kind].stack),
            )
            for kind, count in ranked[:most]
        ]


class RetryDueTimes:
    """When retries fall due, by second, in all (round 0) and for the n-th retry alone."""

    def __init__(self) -> None:
        self._seconds: dict[int, Counter[int]] = {}

    def add_retry(self, retry_count: int, due_at: Instant) -> None:
        """Add one retry."""
        for round_ in (0, retry_count) if 0 < retry_count <= 16 else (0,):
            self._seconds.setdefault(round_, Counter())[due_at // 1000] += 1

    def densest_two_seconds(self, at_least: int) -> tuple[int, int, int, Instant] | None:
        """The two seconds with most retries, of the round where they are the largest share.

        Answers (round, retries of it, retries within the two seconds, instant); None where no
        round has `at_least` retries.
        """
        best: tuple[int, int, int, Instant] | None = None
        for round_, seconds in sorted(self._seconds.items()):
            total = seconds.total()
            if total < at_least:
                continue
            second = max(sorted(seconds), key=lambda s: seconds[s] + seconds.get(s + 1, 0))
            found = (round_, total, seconds[second] + seconds.get(second + 1, 0), second * 1000)
            if best is None or found[2] / found[1] > best[2] / best[1]:
                best = found
        return best


def event_figures(counts: QueueCounts) -> EventFigures:
    """The events of one queue, or of all."""
    return EventFigures(
        pushed=counts.pushed,
        succeeded=counts.succeeded,
        dropped=counts.dropped,
        cancelled=counts.cancelled,
        pending=counts.pending,
        scheduled=counts.scheduled,
        running=counts.running,
        waiting=counts.waiting,
    )


def product_figures(counts: ProductCounts) -> ProductFigures:
    """Product events."""
    return ProductFigures(
        sent=counts.sent,
        succeeded=counts.succeeded,
        dropped=counts.dropped,
        pending=counts.pending,
        queued=counts.queued,
        running=counts.running,
        waiting=counts.waiting,
        filtered=counts.filtered,
    )


def ranked_counts(counts: Counter[str]) -> dict[str, int]:
    """By falling count, then by name: the same for the same records."""
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def bounded_name(counts: Counter[str], name: str, most: int) -> str:
    """`name`, or `other` where an app makes up a new name for every event."""
    return name if name in counts or len(counts) < most else "other"
