"""Writes to one issue, in two sliding windows.

https://developer.atlassian.com/cloud/jira/platform/rate-limiting/ (2026-08-12)
"""

from __future__ import annotations

from collections import OrderedDict, deque
from typing import Final

from forge_emu import settings as s
from forge_emu.engine.product_rates.refusals import ProductCall, RateRefusal
from forge_emu.model import SECOND, Instant

_WINDOWS: Final = (
    (s.JIRA_ISSUE_WRITES_SHORT, 2 * SECOND),
    (s.JIRA_ISSUE_WRITES_LONG, 30 * SECOND),
)
_LONGEST: Final = max(window for _, window in _WINDOWS)
_MOST_ISSUES: Final = 10_000


class IssueWrites:
    """When each issue was written to lately; the last ten thousand issues are remembered."""

    def __init__(self, settings: s.Settings) -> None:
        self._settings = settings
        # In the order of the last write.
        self._writes: OrderedDict[str, deque[Instant]] = OrderedDict()

    def find_refusal(self, call: ProductCall, now: Instant) -> RateRefusal | None:
        """The refusal of a write to an issue that was written to too often."""
        writes = self._writes.get(call.issue or "")
        if writes is None:
            return None
        while writes and writes[0] + _LONGEST <= now:
            writes.popleft()
        for setting, window in _WINDOWS:
            most = self._settings[setting]
            if most is None or len(writes) < most:
                continue
            if (free := writes[-most] + window) > now:
                reason = f"{call.product}-per-issue-on-write"
                return RateRefusal(setting.name, reason, most, free - now)
        return None

    def add_write(self, call: ProductCall, now: Instant) -> None:
        """Count a call that goes through, where it writes to an issue."""
        if call.issue is None:
            return
        writes = self._writes.pop(call.issue, None) or deque()
        while writes and writes[0] + _LONGEST <= now:
            writes.popleft()
        writes.append(now)
        self._writes[call.issue] = writes
        if len(self._writes) > _MOST_ISSUES:
            self._writes.popitem(last=False)
