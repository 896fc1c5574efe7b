"""How invocations ended, with the errors that ended them, and how many served duplicates."""

from __future__ import annotations

from collections import Counter
from typing import Any, Final

from msgspec import UNSET

from forge_emu.model import Instant, Millis
from forge_emu.records import InvocationFinished, InvocationStarted
from forge_emu.report.collectors.collector import Collector
from forge_emu.report.collectors.counts import ranked_counts
from forge_emu.report.collectors.error_kinds import ErrorKinds

TOP_ERRORS: Final = 5


class InvocationCollector(Collector):
    """Invocations by outcome, the most frequent errors, and deliveries of duplicates."""

    def __init__(self) -> None:
        self.handlers = {
            InvocationStarted: self._on_started,
            InvocationFinished: self._on_finished,
        }
        self._outcomes: Counter[str] = Counter()
        self._errors = ErrorKinds()
        self._duplicates = 0
        self._longest_wait: Millis = 0

    def result(self) -> dict[str, Any]:
        """Invocations by outcome, the most frequent errors, duplicates, the longest wait."""
        return {
            "invocations": ranked_counts(self._outcomes),
            "errors": self._errors.top(TOP_ERRORS),
            "duplicates": self._duplicates,
            "lag_ms": self._longest_wait or UNSET,
        }

    def _on_started(self, body: InvocationStarted, at: Instant) -> None:
        self._duplicates += body.duplicate

    def _on_finished(self, body: InvocationFinished, at: Instant) -> None:
        self._outcomes[body.outcome] += 1
        if isinstance(body.waited_ms, int):
            self._longest_wait = max(self._longest_wait, body.waited_ms)
        if body.error is not None and body.outcome != "interrupted":
            self._errors.add_error(body.error)
