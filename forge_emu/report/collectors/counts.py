"""Counts by name: how often each limit deferred, each fault was injected, each level was logged."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any, Final

from forge_emu.model import Instant
from forge_emu.report.collectors.collector import Collector

MOST_NAMES: Final = 200
"""Names that are counted apart; more are counted as `other`."""


class NamedCounts(Collector):
    """One field of the summary: how many records of one type have each name."""

    def __init__(self, field: str, record_type: type, name_of: Callable[[Any], str]) -> None:
        self.handlers = {record_type: self._count}
        self._field = field
        self._name_of = name_of
        self._counts: Counter[str] = Counter()

    def result(self) -> dict[str, Any]:
        """The field with its counts."""
        return {self._field: ranked_counts(self._counts)}

    def _count(self, body: Any, at: Instant) -> None:
        self._counts[bounded_name(self._counts, self._name_of(body))] += 1


def ranked_counts(counts: Counter[str]) -> dict[str, int]:
    """By falling count, then by name: the same for the same records."""
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def bounded_name(counts: Counter[str], name: str) -> str:
    """`name`, or `other` where an app makes up a new name for every event."""
    return name if name in counts or len(counts) < MOST_NAMES else "other"
