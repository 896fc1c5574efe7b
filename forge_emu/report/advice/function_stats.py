"""Counts per function of the app: timeouts, retry data, retries without a visible cause."""

from __future__ import annotations

from dataclasses import dataclass

from forge_emu.model import Millis
from forge_emu.records import (
    EventDropped,
    EventSucceeded,
    InvocationFinished,
    InvocationStarted,
    KvsRefused,
    Log,
    ProductEventDropped,
    ProductEventSucceeded,
    PushRefused,
    Record,
)

QUIET_ATTEMPTS = 5
"""Retries of one event without a visible cause after which it counts as retried in vain."""
_MOST_FUNCTIONS = 500


@dataclass
class Conduct:
    """One function. `retried_in_vain` counts events it kept retrying without a visible cause.

    `first_log_line` is the first line it logged before such a retry.
    """

    timeout_ms: Millis = 0
    finished: int = 0
    timeouts: int = 0
    longest: Millis = 0
    """Of the invocations that ended by themselves."""
    quiet: int = 0
    said: str | None = None
    data_most: int = 0
    """Bytes of the largest `retryData`."""
    data_over: int = 0
    """Requests whose `retryData` was refused for its size."""


class _Open:
    """A running invocation: its function, its delivery, whether a limit refused a call."""

    __slots__ = ("delivery", "function", "product", "refused", "said")

    def __init__(self, body: InvocationStarted) -> None:
        self.function = body.function
        self.product = body.product_event_id if isinstance(body.product_event_id, str) else ""
        event = body.event_id if isinstance(body.event_id, str) else ""
        self.delivery = event or f"{self.product}/{body.module_key}"
        self.refused = False
        self.said: str | None = None


class Behaviour:
    """Collects the stats of every function. Bounded by what is open."""

    def __init__(self) -> None:
        self.functions: dict[str, Conduct] = {}
        self._open: dict[str, _Open] = {}
        # Retries without a visible cause in a row of each open event, and the function that asked.
        self._in_vain: dict[str, tuple[int, str]] = {}
        # The deliveries of a product event, one per trigger, among them.
        self._triggers: dict[str, dict[str, None]] = {}

    def feed(self, record: Record) -> None:
        """Add the next record."""
        body = record.body
        match body:
            case InvocationStarted():
                self._started(body)
            case InvocationFinished():
                self._finished(body)
            case PushRefused() | KvsRefused():
                if body.status == 429 and (found := self._open.get(body.invocation_id or "")):
                    found.refused = True
            case Log():
                if found := self._open.get(body.invocation_id or ""):
                    found.said = found.said or body.message[:300]
            case EventSucceeded():
                self._over(body.event_id, succeeded=True)
            case EventDropped():
                self._over(body.event_id, succeeded=False)
            case ProductEventSucceeded() | ProductEventDropped():
                for delivery in self._triggers.pop(body.product_event_id, {}):
                    self._over(delivery, succeeded=isinstance(body, ProductEventSucceeded))

    def _started(self, body: InvocationStarted) -> None:
        if body.function not in self.functions and len(self.functions) >= _MOST_FUNCTIONS:
            return
        self.functions.setdefault(body.function, Conduct()).timeout_ms = body.timeout_ms
        self._open[body.invocation_id] = _Open(body)

    def _finished(self, body: InvocationFinished) -> None:
        found = self._open.pop(body.invocation_id, None)
        if found is None:
            return
        conduct = self.functions[found.function]
        conduct.finished += 1
        if body.outcome == "timeout":
            conduct.timeouts += 1
        else:
            conduct.longest = max(conduct.longest, body.duration_ms)
        conduct.data_most = max(conduct.data_most, body.retry_data_bytes or 0)
        if body.retry_data_bytes and body.error and body.error.name == "RetryDataTooLarge":
            conduct.data_over += 1
        self._judge(found, body.outcome, conduct)

    def _judge(self, found: _Open, outcome: str, conduct: Conduct) -> None:
        """Count retries in vain: asked for in a row, though no limit refused anything."""
        times, _ = self._in_vain.get(found.delivery, (0, ""))
        if outcome != "retry_requested" or found.refused:
            if times:
                self._over(found.delivery, succeeded=True)
            return
        conduct.said = conduct.said or found.said
        if found.product:
            self._triggers.setdefault(found.product, {})[found.delivery] = None
        self._in_vain[found.delivery] = (times + 1, found.function)
        if times + 1 == QUIET_ATTEMPTS:
            conduct.quiet += 1

    def _over(self, delivery: str, *, succeeded: bool) -> None:
        times, function = self._in_vain.pop(delivery, (0, ""))
        if not times:
            return
        if succeeded and times >= QUIET_ATTEMPTS:
            self.functions[function].quiet -= 1
        elif not succeeded and 1 < times < QUIET_ATTEMPTS:
            # Given up before it could be asked for that often.
            self.functions[function].quiet += 1
