"""Counts per function of the app: timeouts, retry data, retries without a visible cause."""

from __future__ import annotations

from dataclasses import dataclass, field

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

IN_VAIN_ATTEMPTS = 5
"""Retries of one event without a visible cause after which it counts as retried in vain."""
_MOST_FUNCTIONS = 500


@dataclass
class FunctionStats:
    """One function. `retried_in_vain` counts events it kept retrying without a visible cause.

    `first_log_line` is the first line it logged before such a retry.
    """

    timeout_ms: Millis = 0
    modules: set[str] = field(default_factory=set)
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


class _OpenInvocation:
    """A running invocation: its function, its delivery, whether a limit refused a call."""

    __slots__ = ("delivery_id", "first_log_line", "function", "product_event_id", "refused")

    def __init__(self, body: InvocationStarted) -> None:
        self.function = body.function
        self.product_event_id = (
            body.product_event_id if isinstance(body.product_event_id, str) else ""
        )
        event = body.event_id if isinstance(body.event_id, str) else ""
        self.delivery_id = event or f"{self.product_event_id}/{body.module_key}"
        self.refused = False
        self.first_log_line: str | None = None


class FunctionStatsCollector(Collector):
    """Collects the stats of every function. Bounded by what is open."""

    def __init__(self) -> None:
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
        self._open: dict[str, _OpenInvocation] = {}
        # Retries without a visible cause in a row of each open event, and the function that asked.
        self._in_vain: dict[str, tuple[int, str]] = {}
        # The deliveries of a product event, one per trigger, among them.
        self._trigger_deliveries: dict[str, dict[str, None]] = {}

    def _on_started(self, body: InvocationStarted, at: Instant) -> None:
        if body.function not in self.functions and len(self.functions) >= _MOST_FUNCTIONS:
            return
        stats = self.functions.setdefault(body.function, FunctionStats())
        stats.timeout_ms = body.timeout_ms
        stats.modules.add(body.module)
        self._open[body.invocation_id] = _OpenInvocation(body)

    def _on_finished(self, body: InvocationFinished, at: Instant) -> None:
        found = self._open.pop(body.invocation_id, None)
        if found is None:
            return
        stats = self.functions[found.function]
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
        if body.status == 429 and (found := self._open.get(body.invocation_id or "")):
            found.refused = True

    def _on_log(self, body: Log, at: Instant) -> None:
        if found := self._open.get(body.invocation_id or ""):
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

    def _count_in_vain(self, found: _OpenInvocation, outcome: str, stats: FunctionStats) -> None:
        """Count retries in vain: asked for in a row, though no limit refused anything."""
        times, _ = self._in_vain.get(found.delivery_id, (0, ""))
        if outcome != "retry_requested" or found.refused:
            if times:
                self._end_delivery(found.delivery_id, succeeded=True)
            return
        stats.first_log_line = stats.first_log_line or found.first_log_line
        if found.product_event_id:
            self._trigger_deliveries.setdefault(found.product_event_id, {})[found.delivery_id] = (
                None
            )
        self._in_vain[found.delivery_id] = (times + 1, found.function)
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
