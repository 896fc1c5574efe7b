"""Errors and log lines whose cause is known, however they are worded by the app."""

from __future__ import annotations

import re
from collections import Counter
from typing import Literal

from forge_emu.model import Instant
from forge_emu.records import (
    InvocationFinished,
    KvsRefused,
    Log,
    PushRefused,
    RequestMocked,
)
from forge_emu.report.advice.refusal_kinds import may_pass_later
from forge_emu.report.collectors.collector import Collector
from forge_emu.report.collectors.error_kinds import ErrorKind, error_kind
from forge_emu.timeline.invocations import ObservedInvocations

# What `undefined.set` says, where an import that no longer exists was used.
_UNDEFINED_CALL = re.compile(
    r"Cannot read properties of undefined \(reading '(get|set|delete|query)'\)"
)
# What the runtime says once per invocation whose log is over its limit.
_LOG_TRUNCATED = re.compile(r"^(the )?log (was )?(truncated|cut off)", re.IGNORECASE)


_MOST_KINDS = 500
_BUSY_STATUS = 429
_FIRST_SERVER_ERROR = 500

Cause = Literal["passing", "timeout", "platform", "other"]
"""Why an invocation failed: what refused it passes, it took too long, or the platform did it."""


class KnownErrors(Collector):
    """Failures in all and their causes, uses of an undefined store, and logs that were cut off."""

    def __init__(self, invocations: ObservedInvocations) -> None:
        self.handlers = {
            InvocationFinished: self._on_finished,
            PushRefused: self._on_refused,
            KvsRefused: self._on_refused,
            RequestMocked: self._on_mocked,
            Log: self._on_log,
        }
        self.failures = 0
        """Invocations that ended with an error."""
        self.undefined_calls: Counter[str] = Counter()
        """Uses of an undefined store, by the method's name: in errors and in logs."""
        self.truncated_logs = 0
        self.met_a_rate = False
        """Whether something refused that has room again later: a limit per time, a busy product."""
        self._causes: dict[ErrorKind, Counter[Cause]] = {}
        self._running = invocations.by_id

    def main_cause(self, name: str, message: str) -> Cause:
        """Why most invocations that ended with such an error did so."""
        causes = self._causes.get(error_kind(name, message))
        return max(sorted(causes), key=causes.__getitem__) if causes else "other"

    def _on_refused(self, body: PushRefused | KvsRefused, at: Instant) -> None:
        if may_pass_later(body.limit or ""):
            self._meet_rate(body.invocation_id)

    def _on_mocked(self, body: RequestMocked, at: Instant) -> None:
        if body.status == _BUSY_STATUS or body.status >= _FIRST_SERVER_ERROR:
            self._meet_rate(body.invocation_id)

    def _meet_rate(self, invocation_id: str | None) -> None:
        self.met_a_rate = True
        if invocation := self._running.get(invocation_id or ""):
            invocation.may_pass_later = True

    def _on_finished(self, body: InvocationFinished, at: Instant) -> None:
        # What was interrupted did not fail: it is delivered again.
        if body.error is not None and body.outcome != "interrupted":
            invocation = self._running.get(body.invocation_id)
            self.failures += 1
            self._count_undefined_calls(body.error.message)
            kind = error_kind(body.error.name, body.error.message)
            if kind in self._causes or len(self._causes) < _MOST_KINDS:
                cause: Cause = (
                    "platform"
                    if body.outcome == "platform_error"
                    else "timeout"
                    if body.outcome == "timeout"
                    else "passing"
                    if invocation is not None and invocation.may_pass_later
                    else "other"
                )
                self._causes.setdefault(kind, Counter())[cause] += 1

    def _on_log(self, body: Log, at: Instant) -> None:
        if body.level in ("warn", "error"):
            self._count_undefined_calls(body.message)
            if _LOG_TRUNCATED.match(body.message):
                self.truncated_logs += 1

    def _count_undefined_calls(self, text: str) -> None:
        if found := _UNDEFINED_CALL.search(text[:2_000]):
            self.undefined_calls[found[1]] += 1
