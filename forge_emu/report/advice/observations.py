"""What the advice needs to know beyond the figures of the summary. Bounded."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field

from forge_emu import settings as s
from forge_emu.model import SECOND, DropReason, Instant, Millis
from forge_emu.records import (
    EventDropped,
    InvocationFinished,
    InvocationStarted,
    Log,
    PushRefused,
    Record,
    RetryScheduled,
)
from forge_emu.report.advice.function_stats import FunctionStatsCollector
from forge_emu.report.advice.kvs_stats import KvsStats
from forge_emu.report.advice.source_places import SourcePlaces
from forge_emu.report.collectors import RetryDueTimes

# What `undefined.set` says, where an import that no longer exists was used.
_UNDEFINED_CALL = re.compile(
    r"Cannot read properties of undefined \(reading '(get|set|delete|query)'\)"
)
# What the runtime says once per invocation whose log is over its limit.
_LOG_TRUNCATED = re.compile(r"^(the )?log (was )?(truncated|cut off)", re.IGNORECASE)


@dataclass
class Observations:
    """Counts that no figure of the summary shows, and single cases worth quoting."""

    due_times: RetryDueTimes
    settings: s.Settings
    places: SourcePlaces
    function_stats: FunctionStatsCollector = field(default_factory=FunctionStatsCollector)
    kvs: KvsStats = field(default_factory=KvsStats)
    consumers: dict[str, str] = field(default_factory=dict)
    """Queue to the function that served it last."""
    product_event_names: Counter[str] = field(default_factory=Counter)
    """Product events sent, by name."""
    without_trigger: Counter[str] = field(default_factory=Counter)
    """Product events that no trigger listens to, by name."""
    without_consumer: Counter[str] = field(default_factory=Counter)
    """Events dropped for want of a consumer, by queue."""
    raised_waits: int = 0
    """Retries whose `retryAfter` was below the least, and raised."""
    lowered_waits: int = 0
    """Retries whose `retryAfter` was above the most, and lowered."""
    first_retries_at_once: int = 0
    """First retries that the app asked for after the least wait there is."""
    shortest_asked: Millis | None = None
    longest_asked: Millis | None = None
    single_pushes: int = 0
    """Pushes of one event each among those that a limit per time refused."""
    failures: int = 0
    """Invocations that ended badly without asking for a retry."""
    undefined_calls: Counter[str] = field(default_factory=Counter)
    """Uses of an undefined store, by the method's name: in errors and in logs."""
    truncated_logs: int = 0
    last_drop_queue: str = ""
    last_drop_age: Millis = 0
    """The oldest event that was dropped for `max_retries`, when it was."""

    def add_record(self, record: Record) -> None:
        """Add the next record."""
        self.function_stats.add_record(record)
        self.kvs.add_record(record)
        body = record.body
        if isinstance(body, InvocationStarted) and isinstance(body.queue, str):
            self.consumers[body.queue] = body.function

    def add_ended_invocation(self, body: InvocationFinished) -> None:
        """Count an invocation that ended, if it failed."""
        if body.error is not None:
            self.failures += 1
            self._count_undefined_calls(body.error.message)

    def add_refused_push(self, body: PushRefused) -> None:
        """Count a refused push of a single event."""
        if body.events == 1 and s.find_rate(body.limit) is not None:
            self.single_pushes += 1

    def add_retry(self, body: RetryScheduled) -> None:
        """Count a scheduled retry."""
        self.due_times.add_retry(body.retry_count, body.due_at)
        asked = body.clamped_from_ms
        if asked is None:
            least = self.settings[s.ASYNC_MIN_RETRY_SECONDS] * SECOND
            first = body.retry_count == 1 and body.asked_by == "app"
            self.first_retries_at_once += first and body.retry_after_ms <= least
            return
        if asked < body.retry_after_ms:
            self.raised_waits += 1
            self.shortest_asked = (
                asked if self.shortest_asked is None else min(asked, self.shortest_asked)
            )
        else:
            self.lowered_waits += 1
            self.longest_asked = (
                asked if self.longest_asked is None else max(asked, self.longest_asked)
            )

    def add_dropped_event(self, body: EventDropped) -> None:
        """Count a dropped event."""
        if body.reason == DropReason.NO_CONSUMER:
            self.without_consumer[body.queue] += 1
        elif body.reason == DropReason.MAX_RETRIES:
            self.last_drop_queue = body.queue
            self.last_drop_age = max(self.last_drop_age, body.age_ms)

    def add_log(self, body: Log) -> None:
        """Look for known errors in a logged line."""
        if body.level in ("warn", "error"):
            self._count_undefined_calls(body.message)
            if _LOG_TRUNCATED.match(body.message):
                self.truncated_logs += 1

    def densest_two_seconds(self, at_least: int) -> tuple[int, int, int, Instant] | None:
        """When most retries fall due together: `RetryDueTimes.densest_two_seconds`."""
        return self.due_times.densest_two_seconds(at_least)

    def _count_undefined_calls(self, text: str) -> None:
        if found := _UNDEFINED_CALL.search(text[:2_000]):
            self.undefined_calls[found[1]] += 1
