"""The emulated clock inside an instance: it runs at its speed, stands still, or (in virtual time)
moves only when forge-emu says so. All times are emulated milliseconds since the run began.
"""

from __future__ import annotations

import math
from typing import Any, Final

from ..shared import real_clock

# In virtual time, code that polls the clock or only yields to other tasks would wait for
# ever. So many reads of one instant advance it by a millisecond.
_PATIENCE: Final = 1000

# Below the resolution of the clock: float sums of seconds are off by less.
_SLACK: Final = 0.001


class Clock:
    """The emulated clock of an instance."""

    def __init__(self, epoch_ms: int, virtual: bool) -> None:
        self.epoch_ms = epoch_ms
        self.virtual = virtual
        self.target = 0.0
        """In virtual time: what the round under way may reach."""
        self._base = 0.0
        self._since = real_clock.now_ms()
        self._speed = 0.0
        self._stop = math.inf
        self._shown = 0.0
        self._looks = 0
        self._yields = 0

    def tell(self, time: dict[str, Any]) -> None:
        """Set the clock: it was `now` at the machine's `at`, and runs at `speed`."""
        self._base = float(time["now"])
        self._since = real_clock.now_ms() if self.virtual else float(time["at"])
        self._speed = 0.0 if self.virtual else float(time["speed"])
        stop = time.get("stop_at")
        self._stop = math.inf if stop is None else float(stop)
        self.target = max(self.target, self._base)

    def view(self) -> float:
        """Now."""
        if self._speed == 0:
            return self._base
        run = self._base + (real_clock.now_ms() - self._since) * self._speed
        return min(run, self._stop)

    def look(self) -> float:
        """Now, as a handler sees it: never earlier than before, and later if it keeps looking."""
        if self.virtual:
            self._looks += 1
            if self._looks % _PATIENCE == 0:
                self._base += 1
        self._shown = max(self._shown, self.view())
        return self._shown

    def yields(self) -> bool:
        """Count that a handler yields to other tasks; whether it does nothing else."""
        self._yields += 1
        return self.virtual and self._yields % _PATIENCE == 0

    def after(self, seconds: float) -> float:
        """The instant `seconds` from now; whole milliseconds in virtual time."""
        at = self.view() + max(seconds, 0.0) * 1000
        return float(math.ceil(at - _SLACK)) if self.virtual and math.isfinite(at) else at

    def reach(self, instant: float) -> None:
        """In virtual time: move forward to `instant`."""
        if instant > self._base:
            self._base = instant
            self._looks = self._yields = 0

    def real_seconds(self, deadline: float) -> float:
        """Real seconds until `deadline`; infinite while the clock stands still."""
        left = deadline - self.view()
        if left <= 0:
            return 0.0
        if self._speed == 0 or deadline > self._stop:
            return math.inf
        return left / 1000 / self._speed
