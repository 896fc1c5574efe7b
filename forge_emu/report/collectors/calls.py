"""How calls of functions ended, whose callers waited for the answer."""

from __future__ import annotations

from collections import Counter
from typing import Any

from msgspec import UNSET

from forge_emu.model import Instant
from forge_emu.records import CallFailed, CallReceived, CallSucceeded
from forge_emu.report.collectors.collector import Collector
from forge_emu.report.collectors.counts import ranked_counts
from forge_emu.report.summary import CallFigures


class CallEndings(Collector):
    """Calls of functions, resolvers and web triggers."""

    def __init__(self) -> None:
        self._received = 0
        self._succeeded = 0
        self._failures: Counter[str] = Counter()
        self.handlers = {
            CallReceived: self._on_received,
            CallSucceeded: self._on_succeeded,
            CallFailed: self._on_failed,
        }

    def result(self) -> dict[str, Any]:
        """The counts; nothing where there was no call."""
        if not self._received:
            return {"calls": UNSET}
        failures = ranked_counts(self._failures)
        return {"calls": CallFigures(self._received, self._succeeded, failures)}

    def _on_received(self, body: CallReceived, at: Instant) -> None:
        self._received += 1

    def _on_succeeded(self, body: CallSucceeded, at: Instant) -> None:
        self._succeeded += 1

    def _on_failed(self, body: CallFailed, at: Instant) -> None:
        self._failures[body.reason] += 1
