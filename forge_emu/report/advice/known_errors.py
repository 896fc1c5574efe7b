"""Errors and log lines whose cause is known, however they are worded by the app."""

from __future__ import annotations

import re
from collections import Counter

from forge_emu.model import Instant
from forge_emu.records import InvocationFinished, Log
from forge_emu.report.collectors.collector import Collector

# What `undefined.set` says, where an import that no longer exists was used.
_UNDEFINED_CALL = re.compile(
    r"Cannot read properties of undefined \(reading '(get|set|delete|query)'\)"
)
# What the runtime says once per invocation whose log is over its limit.
_LOG_TRUNCATED = re.compile(r"^(the )?log (was )?(truncated|cut off)", re.IGNORECASE)


class KnownErrors(Collector):
    """Failures in all, uses of an undefined store, and logs that were cut off."""

    def __init__(self) -> None:
        self.handlers = {InvocationFinished: self._on_finished, Log: self._on_log}
        self.failures = 0
        """Invocations that ended with an error."""
        self.undefined_calls: Counter[str] = Counter()
        """Uses of an undefined store, by the method's name: in errors and in logs."""
        self.truncated_logs = 0

    def _on_finished(self, body: InvocationFinished, at: Instant) -> None:
        if body.error is not None:
            self.failures += 1
            self._count_undefined_calls(body.error.message)

    def _on_log(self, body: Log, at: Instant) -> None:
        if body.level in ("warn", "error"):
            self._count_undefined_calls(body.message)
            if _LOG_TRUNCATED.match(body.message):
                self.truncated_logs += 1

    def _count_undefined_calls(self, text: str) -> None:
        if found := _UNDEFINED_CALL.search(text[:2_000]):
            self.undefined_calls[found[1]] += 1
