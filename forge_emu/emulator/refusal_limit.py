"""How many refused requests get a record, so that a flood of them fills no disk."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from forge_emu.clock import RealClock
from forge_emu.model import Millis
from forge_emu.records import ControlRefused

MOST_AT_ONCE = 1_000
EVERY_MS: Millis = 1_000
"""Real milliseconds in which one more may be recorded."""


class RefusalLimit:
    """Lets a burst of refusals through, then one a second of real time, and counts the rest."""

    def __init__(self, real_ms: Callable[[], Millis] | None = None) -> None:
        self._real_ms = real_ms or RealClock().now
        self._left = MOST_AT_ONCE
        self._since = self._real_ms()
        self.total = 0
        """How many requests were refused."""
        self.unrecorded = 0
        """How many of the last have no record, which the next record will say."""

    @property
    def unrecorded_message(self) -> str | None:
        """What is to be said of those that have no record; None where there are none."""
        if not self.unrecorded:
            return None
        return f"{self.unrecorded:,} more requests to forge-emu were refused than the records say"

    def admit(self, refusal: ControlRefused) -> ControlRefused | None:
        """What to record; None where it is too much."""
        self.total += 1
        gained = (self._real_ms() - self._since) // EVERY_MS
        self._since += gained * EVERY_MS
        self._left = min(self._left + gained, MOST_AT_ONCE)
        if not self._left:
            self.unrecorded += 1
            return None
        self._left -= 1
        missed, self.unrecorded = self.unrecorded, 0
        return msgspec.structs.replace(refusal, unrecorded=missed)
