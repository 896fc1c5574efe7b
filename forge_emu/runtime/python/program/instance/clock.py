"""The emulated clock inside an instance: it runs at its speed, stands still, or (in virtual time)
moves only when forge-emu says so. All times are emulated milliseconds since the run began.
"""

from __future__ import annotations

import math
from typing import Any, Final

from ..shared import real_clock

# In virtual time, code that polls the clock or only yields to other tasks would wait for
# ever. So many reads or yields at one instant advance it by a millisecond. If nothing but the
# reads has moved it since, so few more advance it again, as do so few more yields, which take
# longer steps after a while: a long wait would otherwise hold the thread for longer than this
# machine allows.
_LOOPS_BEFORE_MS: Final = 1000
_LOOPS_PER_MORE_MS: Final = 100
# Emulated milliseconds of yielding after which a step is this part of them.
_SHORT_STEPS_MS: Final = 100
_STEP_PART: Final = 5

# Below the resolution of the clock: float sums of seconds are off by less.
_SLACK: Final = 0.001


class InstanceClock:
    """The emulated clock of an instance."""

    def __init__(self, epoch_ms: int, virtual: bool) -> None:
        self.epoch_ms = epoch_ms
        self.virtual = virtual
        self.round_target = 0.0
        """In virtual time: what the round under way may reach."""
        self._base = 0.0
        self._since = real_clock.now_ms()
        self._speed = 0.0
        self._stop = math.inf
        self._last_handler_now = 0.0
        self._reads = 0
        self._yields = 0
        self._yielded_ms = 0

    def set_time(self, time: dict[str, Any]) -> None:
        """Set the clock: it was `now` at the machine's `at`, and runs at `speed`."""
        self._base = float(time["now"])
        self._since = real_clock.now_ms() if self.virtual else float(time["at"])
        self._speed = 0.0 if self.virtual else float(time["speed"])
        stop = time.get("stop_at")
        self._stop = math.inf if stop is None else float(stop)
        self.round_target = max(self.round_target, self._base)

    def begin_invocation(self) -> None:
        """What an invocation has read and yielded is not counted for the next one."""
        self._reads = self._yields = self._yielded_ms = 0

    def now(self) -> float:
        """The present instant (emulated ms)."""
        if self._speed == 0:
            return self._base
        run = self._base + (real_clock.now_ms() - self._since) * self._speed
        return min(run, self._stop)

    def handler_now(self) -> float:
        """The present instant as a handler sees it: it never goes back, and moves on for one that
        keeps looking at the clock."""
        if self.virtual:
            self._reads += 1
            beyond = self._reads - _LOOPS_BEFORE_MS
            if beyond >= 0 and beyond % _LOOPS_PER_MORE_MS == 0:
                self._base += 1
        self._last_handler_now = max(self._last_handler_now, self.now())
        return self._last_handler_now

    def count_yield(self) -> int:
        """Count that a handler yields to other tasks; how many ms that is to take, mostly none."""
        self._yields += 1
        yielded = self._yielded_ms
        loops = _LOOPS_PER_MORE_MS if yielded else _LOOPS_BEFORE_MS
        if not self.virtual or self._yields % loops:
            return 0
        ms = 1 if yielded < _SHORT_STEPS_MS else yielded // _STEP_PART
        self._yielded_ms += ms
        return ms

    def deadline_after(self, seconds: float) -> float:
        """The instant `seconds` from now; whole milliseconds in virtual time."""
        at = self.now() + max(seconds, 0.0) * 1000
        return float(math.ceil(at - _SLACK)) if self.virtual and math.isfinite(at) else at

    def advance_to(self, instant: float) -> None:
        """In virtual time: move forward to `instant`."""
        if instant > self._base:
            self._base = instant
            self._reads = self._yields = 0

    def real_seconds_until(self, deadline: float) -> float:
        """Real seconds until `deadline`; infinite while the clock stands still."""
        left = deadline - self.now()
        if left <= 0:
            return 0.0
        if self._speed == 0 or deadline > self._stop:
            return math.inf
        return left / 1000 / self._speed
