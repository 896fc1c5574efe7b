"""The waits of retries: those that were moved into bounds, and when they end together."""

from __future__ import annotations

from collections import Counter

from forge_emu import settings as s
from forge_emu.model import SECOND, Instant, Millis
from forge_emu.records import RetryScheduled
from forge_emu.report.collectors.collector import Collector


class RetryWaits(Collector):
    """What the code asked for beside what it got, and when retries fall due."""

    def __init__(self, settings: s.Settings) -> None:
        self.handlers = {RetryScheduled: self._on_retry}
        self.due_times = RetryDueTimes()
        self.raised = 0
        """Retries whose `retryAfter` was below the least, and raised."""
        self.lowered = 0
        """Retries whose `retryAfter` was above the most, and lowered."""
        self.first_at_once = 0
        """First retries that the app asked for after the least wait there is."""
        self.shortest_asked: Millis | None = None
        self.longest_asked: Millis | None = None
        self._least_ms = settings[s.ASYNC_MIN_RETRY_SECONDS] * SECOND

    def _on_retry(self, body: RetryScheduled, at: Instant) -> None:
        self.due_times.add_retry(body.retry_count, body.due_at)
        asked = body.clamped_from_ms
        if asked is None:
            first = body.retry_count == 1 and body.asked_by == "app"
            self.first_at_once += first and body.retry_after_ms <= self._least_ms
        elif asked < body.retry_after_ms:
            self.raised += 1
            least = self.shortest_asked
            self.shortest_asked = asked if least is None else min(asked, least)
        else:
            self.lowered += 1
            most = self.longest_asked
            self.longest_asked = asked if most is None else max(asked, most)


class RetryDueTimes:
    """When retries fall due, by second, in all (round 0) and for the n-th retry alone."""

    def __init__(self) -> None:
        self._seconds: dict[int, Counter[int]] = {}

    def add_retry(self, retry_count: int, due_at: Instant) -> None:
        """Count a retry that falls due at `due_at`; `retry_count` is its round."""
        for round_ in (0, retry_count) if 0 < retry_count <= 16 else (0,):
            self._seconds.setdefault(round_, Counter())[due_at // 1000] += 1

    def densest_two_seconds(self, at_least: int) -> tuple[int, int, int, Instant] | None:
        """The two seconds with most retries, of the round where they are the largest share.

        Returns (round, retries of it, retries within the two seconds, instant); None where no
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
