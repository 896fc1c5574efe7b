"""The retries that were scheduled: for which reason, and who asked for them."""

from __future__ import annotations

from collections import Counter
from typing import Any

from forge_emu.model import Instant
from forge_emu.records import RetryScheduled
from forge_emu.report.collectors.collector import Collector
from forge_emu.report.collectors.counts import bounded_name, ranked_counts
from forge_emu.report.summary import RetryFigures


class RetryCollector(Collector):
    """Retries by reason, and by whether the app or the platform asked."""

    def __init__(self) -> None:
        self.handlers = {RetryScheduled: self._on_retry}
        self._reasons: Counter[str] = Counter()
        self._asked_by: Counter[str] = Counter()

    def result(self) -> dict[str, Any]:
        """Scheduled retries in all, by reason, and by who asked."""
        reasons = ranked_counts(self._reasons)
        figures = RetryFigures(self._reasons.total(), reasons, ranked_counts(self._asked_by))
        return {"retries": figures}

    def _on_retry(self, body: RetryScheduled, at: Instant) -> None:
        self._reasons[bounded_name(self._reasons, body.retry_reason)] += 1
        self._asked_by[body.asked_by] += 1
