"""Counts per function of the app: timeouts, retry data, retries without a visible cause."""

from __future__ import annotations

import msgspec

from forge_emu.model import Instant, Millis
from forge_emu.records import (
    EventDropped,
    EventExpired,
    EventSucceeded,
    InvocationFinished,
    InvocationStarted,
    KvsRefused,
    Log,
    ProductEventDropped,
    ProductEventSucceeded,
    PushRefused,
)
from forge_emu.report.collectors.collector import Collector
from forge_emu.timeline.invocations import ObservedInvocation, ObservedInvocations

IN_VAIN_ATTEMPTS = 5
"""Retries of one event without a visible cause after which it counts as retried in vain."""
_MOST_FUNCTIONS = 500


class FunctionStats(msgspec.Struct):
    """One function. `retried_in_vain` counts events it kept retrying without a visible cause.

    `first_log_line` is the first line it logged before such a retry.
    """

    timeout_ms: Millis = 0
    modules: set[str] = msgspec.field(default_factory=set)
    """Kinds of the modules that it ran for."""
    finished: int = 0
    timeouts: int = 0
    longest: Millis = 0
    """Of the invocations that ended by themselves."""
    retried_in_vain: int = 0
    first_log_line: str | None = None
    largest_retry_data: int = 0
    """Bytes of the largest `retryData`."""
    refused_retry_data: int = 0
    """Requests whose `retryData` was refused for its size."""


class FunctionStatsCollector(Collector):
    """Collects the stats of every function. Bounded by what is open."""

    def __init__(self, invocations: ObservedInvocations) -> None:
        self.handlers = {
            InvocationStarted: self._on_started,
            InvocationFinished: self._on_finished,
            PushRefused: self._on_refused,
            KvsRefused: self._on_refused,
            Log: self._on_log,
            EventSucceeded: self._on_succeeded,
            EventDropped: self._on_dropped,
            EventExpired: self._on_dropped,
            ProductEventSucceeded: self._on_product_event_ended,
            ProductEventDropped: self._on_product_event_ended,
        }
        self.functions: dict[str, FunctionStats] = {}
        self._running = invocations.by_id
        # Retries without a visible cause in a row of each open event, and the function that asked.
        self._in_vain: dict[str, tuple[int, str]] = {}
        # The deliveries of a product event, one per trigger, among them.
        self._trigger_deliveries: dict[str, dict[str, None]] = {}

    def _on_started(self, body: InvocationStarted, at: Instant) -> None:
        stats = self.functions.get(body.function)
        if stats is None:
            if len(self.functions) >= _MOST_FUNCTIONS:
                return
            stats = self.functions[body.function] = FunctionStats()
        stats.timeout_ms = body.timeout_ms
        stats.modules.add(body.module)

    def _on_finished(self, body: InvocationFinished, at: Instant) -> None:
        found = self._running.get(body.invocation_id)
        stats = None if found is None else self.functions.get(found.started.function)
        if found is None or stats is None:
            return
        stats.finished += 1
        if body.outcome == "timeout":
            stats.timeouts += 1
        else:
            stats.longest = max(stats.longest, body.duration_ms)
        stats.largest_retry_data = max(stats.largest_retry_data, body.retry_data_bytes or 0)
        if body.retry_data_bytes and body.error and body.error.name == "RetryDataTooLarge":
            stats.refused_retry_data += 1
        self._count_in_vain(found, body.outcome, stats)

    def _on_refused(self, body: PushRefused | KvsRefused, at: Instant) -> None:
        if body.status == 429 and (found := self._running.get(body.invocation_id or "")):
            found.was_busy = True

    def _on_log(self, body: Log, at: Instant) -> None:
        if found := self._running.get(body.invocation_id or ""):
            found.first_log_line = found.first_log_line or body.message[:300]

    def _on_succeeded(self, body: EventSucceeded, at: Instant) -> None:
        self._end_delivery(body.event_id, succeeded=True)

    def _on_dropped(self, body: EventDropped | EventExpired, at: Instant) -> None:
        self._end_delivery(body.event_id, succeeded=False)

    def _on_product_event_ended(
        self, body: ProductEventSucceeded | ProductEventDropped, at: Instant
    ) -> None:
        for delivery in self._trigger_deliveries.pop(body.product_event_id, {}):
            self._end_delivery(delivery, succeeded=isinstance(body, ProductEventSucceeded))

    def _count_in_vain(self, found: ObservedInvocation, outcome: str, stats: FunctionStats) -> None:
        """Count retries in vain: asked for in a row, though no limit refused anything."""
        is_in_vain = outcome == "retry_requested" and not found.was_busy
        if not is_in_vain and not self._in_vain:
            return
        delivery = found.delivery or f"/{found.started.module_key}"
        times, _ = self._in_vain.get(delivery, (0, ""))
        if not is_in_vain:
            if times:
                self._end_delivery(delivery, succeeded=True)
            return
        stats.first_log_line = stats.first_log_line or found.first_log_line
        product_event_id = found.started.product_event_id
        if isinstance(product_event_id, str):
            self._trigger_deliveries.setdefault(product_event_id, {})[delivery] = None
        self._in_vain[delivery] = (times + 1, found.started.function)
        if times + 1 == IN_VAIN_ATTEMPTS:
            stats.retried_in_vain += 1

    def _end_delivery(self, delivery: str, *, succeeded: bool) -> None:
        times, function = self._in_vain.pop(delivery, (0, ""))
        if not times:
            return
        if succeeded and times >= IN_VAIN_ATTEMPTS:
            self.functions[function].retried_in_vain -= 1
        elif not succeeded and 1 < times < IN_VAIN_ATTEMPTS:
            # Given up before it could be asked for that often.
            self.functions[function].retried_in_vain += 1
