"""Calls of one operation per second: a bucket of tokens that come back at a steady rate.

https://developer.atlassian.com/cloud/jira/platform/rate-limiting/ (2026-08-12). How many tokens a
bucket holds is not published.
"""

from __future__ import annotations

import math

from forge_emu import settings as s
from forge_emu.engine.product_rates.refusals import ProductCall, RateRefusal
from forge_emu.model import SECOND, Instant


class Bursts:
    """A bucket for each operation, full at the beginning."""

    def __init__(self, settings: s.Settings) -> None:
        self._settings = settings
        # By operation: the thousandths of a token, and the instant that they are of.
        self._buckets: dict[str, tuple[int, Instant]] = {}

    def find_refusal(self, call: ProductCall, now: Instant) -> RateRefusal | None:
        """The refusal of a call for which there is no token."""
        per_second = self._per_second(call)
        if call.burst is None or per_second is None:
            return None
        missing = SECOND - self._tokens(call, per_second, now)
        if missing <= 0:
            return None
        wait = math.ceil(missing / per_second)
        return RateRefusal(call.burst.name, f"{call.product}-burst-based", per_second, wait)

    def take_token(self, call: ProductCall, now: Instant) -> None:
        """Count a call that goes through."""
        if (per_second := self._per_second(call)) is not None:
            tokens = self._tokens(call, per_second, now)
            self._buckets[call.operation] = tokens - SECOND, now

    def headers(self, call: ProductCall, now: Instant) -> dict[str, str]:
        """The limit of the operation, and the calls that go through now."""
        per_second = self._per_second(call)
        if per_second is None:
            return {}
        left = max(0, self._tokens(call, per_second, now) // SECOND)
        return {"X-RateLimit-Limit": str(per_second), "X-RateLimit-Remaining": str(left)}

    def _per_second(self, call: ProductCall) -> int | None:
        return None if call.burst is None else self._settings[call.burst]

    def _tokens(self, call: ProductCall, per_second: int, now: Instant) -> int:
        """The thousandths of a token at `now`: whole numbers, because a token a millisecond comes
        back as so many of them as there are calls a second."""
        full = per_second * self._settings[s.JIRA_BURST_BUFFER_SECONDS] * SECOND
        tokens, at = self._buckets.get(call.operation, (full, now))
        return min(full, tokens + (now - at) * per_second)
