"""How deliveries ended: after how many attempts, how long after they began, or why not at all."""

from __future__ import annotations

from collections import Counter
from typing import Any

from forge_emu.model import Instant
from forge_emu.records import (
    EventCancelled,
    EventDropped,
    EventExpired,
    EventSucceeded,
    ProductEventDropped,
    ProductEventSucceeded,
)
from forge_emu.report.collectors.collector import Collector
from forge_emu.report.collectors.counts import ranked_counts
from forge_emu.report.collectors.duration_samples import DurationSamples


class _Endings(Collector):
    def __init__(self) -> None:
        self._attempts: Counter[int] = Counter()
        self._durations = DurationSamples()
        self._drops: Counter[str] = Counter()

    def _on_succeeded(self, body: EventSucceeded | ProductEventSucceeded, at: Instant) -> None:
        self._attempts[body.attempts] += 1
        self._durations.add_duration(body.age_ms)

    def _on_dropped(self, body: EventDropped | ProductEventDropped, at: Instant) -> None:
        self._attempts[body.attempts] += 1
        self._drops[body.reason] += 1

    def _attempts_by_number(self) -> dict[str, int]:
        return {str(n): self._attempts[n] for n in sorted(self._attempts)}


class EventEndings(_Endings):
    """The events of queues that ended."""

    def __init__(self) -> None:
        super().__init__()
        self.handlers = {
            EventSucceeded: self._on_succeeded,
            EventCancelled: self._on_ended,
            EventExpired: self._on_ended,
            EventDropped: self._on_dropped,
        }

    def result(self) -> dict[str, Any]:
        """Attempts, time to success, and reasons for drops."""
        return {
            "attempts": self._attempts_by_number(),
            "time_to_success": self._durations.figures(),
            "drops": ranked_counts(self._drops),
        }

    def _on_ended(self, body: EventCancelled | EventExpired, at: Instant) -> None:
        self._attempts[body.attempts] += 1


class ProductEventEndings(_Endings):
    """The product events that ended."""

    def __init__(self) -> None:
        super().__init__()
        self.handlers = {
            ProductEventSucceeded: self._on_succeeded,
            ProductEventDropped: self._on_dropped,
        }

    def result(self) -> dict[str, Any]:
        """Attempts, time to success, and reasons for drops."""
        return {
            "product_event_attempts": self._attempts_by_number(),
            "product_event_time_to_success": self._durations.figures(),
            "product_event_drops": ranked_counts(self._drops),
        }
