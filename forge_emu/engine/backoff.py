"""Waits that grow. Pure."""

from __future__ import annotations

import msgspec

from forge_emu.model import Millis


class Backoff(msgspec.Struct, frozen=True):
    """Exponential waits: `first * factor ** n`, at most `longest`, varied by `jitter`."""

    first: Millis
    factor: float
    longest: Millis
    jitter: float

    def wait(self, n: int, chance: float) -> Millis:
        """The wait before retry number `n` (from 0); `chance` is from 0 up to 1."""
        # 64 doublings pass every cap; more would overflow a float.
        plain = min(self.first * self.factor ** min(n, 64), self.longest)
        return round(min(plain * (1 + self.jitter * (2 * chance - 1)), self.longest))
