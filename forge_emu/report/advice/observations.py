"""What the advice needs to know beyond the figures of the summary. Bounded."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field

from forge_emu import settings as s
from forge_emu.model import SECOND, Instant, Millis
from forge_emu.records import (
    EventDropped,
    InvocationFinished,
    InvocationStarted,
    Log,
    PushRefused,
    Record,
    RetryScheduled,
)
from forge_emu.report.advice.function_stats import Behaviour
from forge_emu.report.advice.kvs_stats import StoreUse
from forge_emu.report.advice.source_places import Places
from forge_emu.report.collectors import Dues

# What `undefined.set` says, where an import that no longer exists was used.
_UNDEFINED = re.compile(r"Cannot read properties of undefined \(reading '(get|set|delete|query)'\)")
# What the runtime says once per invocation whose log is over its limit.
_TRUNCATED = re.compile(r"^(the )?log (was )?(truncated|cut off)", re.IGNORECASE)


@dataclass
class Facts:
    """Counts that no figure of the summary shows, and single cases worth quoting."""

    dues: Dues
    settings: s.Settings
    places: Places
    behaviour: Behaviour = field(default_factory=Behaviour)
    store: StoreUse = field(default_factory=StoreUse)
    consumers: dict[str, str] = field(default_factory=dict)
    """Queue to the function that served it last."""
    names: Counter[str] = field(default_factory=Counter)
    """Product events sent, by name."""
    unheard: Counter[str] = field(default_factory=Counter)
    """Product events that no trigger listens to, by name."""
    unconsumed: Counter[str] = field(default_factory=Counter)
    """Events dropped for want of a consumer, by queue."""
    raised: int = 0
    """Retries whose `retryAfter` was below the least, and raised."""
    lowered: int = 0
    """Retries whose `retryAfter` was above the most, and lowered."""
    at_once: int = 0
    """First retries that the app asked for after the least wait there is."""
    least_asked: Millis | None = None
    most_asked: Millis | None = None
    single_pushes: int = 0
    """Pushes of one event each among those refused for the minute's sake."""
    failures: int = 0
    """Invocations that ended badly without asking for a retry."""
    undefined: Counter[str] = field(default_factory=Counter)
    """Uses of an undefined store, by the method's name: in errors and in logs."""
    log_truncated: int = 0
    last_drop_queue: str = ""
    last_drop_age: Millis = 0
    """The oldest event that was dropped for `max_retries`, when it was."""

    def feed(self, record: Record) -> None:
        """Add the next record."""
        self.behaviour.feed(record)
        self.store.feed(record)
        body = record.body
        if isinstance(body, InvocationStarted) and isinstance(body.queue, str):
            self.consumers[body.queue] = body.function

    def ended(self, body: InvocationFinished) -> None:
        """Count an invocation that ended, if it failed."""
        if body.error is not None:
            self.failures += 1
            self._look_for_undefined(body.error.message)

    def push_refused(self, body: PushRefused) -> None:
        """Count a refused push of a single event."""
        if body.limit == s.PUSH_EVENTS_PER_MINUTE.name and body.events == 1:
            self.single_pushes += 1

    def retried(self, body: RetryScheduled) -> None:
        """Count a scheduled retry."""
        self.dues.add(body.retry_count, body.due_at)
        asked = body.clamped_from_ms
        if asked is None:
            least = self.settings[s.ASYNC_MIN_RETRY_SECONDS] * SECOND
            first = body.retry_count == 1 and body.asked_by == "app"
            self.at_once += first and body.retry_after_ms <= least
            return
        if asked < body.retry_after_ms:
            self.raised += 1
            self.least_asked = asked if self.least_asked is None else min(asked, self.least_asked)
        else:
            self.lowered += 1
            self.most_asked = asked if self.most_asked is None else max(asked, self.most_asked)

    def dropped(self, body: EventDropped) -> None:
        """Count a dropped event."""
        if body.reason == "no_consumer":
            self.unconsumed[body.queue] += 1
        elif body.reason == "max_retries":
            self.last_drop_queue = body.queue
            self.last_drop_age = max(self.last_drop_age, body.age_ms)

    def logged(self, body: Log) -> None:
        """Look for known errors in a logged line."""
        if body.level in ("warn", "error"):
            self._look_for_undefined(body.message)
            if _TRUNCATED.match(body.message):
                self.log_truncated += 1

    def crowd(self, at_least: int) -> tuple[int, int, int, Instant] | None:
        """When most retries fall due together: `RetryDueTimes.densest_two_seconds`."""
        return self.dues.crowd(at_least)

    def _look_for_undefined(self, text: str) -> None:
        if found := _UNDEFINED.search(text[:2_000]):
            self.undefined[found[1]] += 1
