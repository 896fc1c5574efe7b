"""Emulated time that goes with real time."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

from forge_emu.model import Instant


class RealClock:
    """Emulated time that goes with real time, from `start` on.

    `read` gives real seconds that never go back; tests pass their own.
    """

    virtual = False
    speed = 1.0
    measured_speed = None

    def __init__(self, read: Callable[[], float] = time.monotonic, start: Instant = 0) -> None:
        self._read = read
        # The clock stood at `_since_ms` when `read` gave `_since`.
        self._since = read()
        self._since_ms = float(start)
        self._stop_at: Instant | None = None

    @property
    def stop_at(self) -> Instant | None:
        """The instant beyond which time does not move by itself."""
        return self._stop_at

    @property
    def paused(self) -> bool:
        """Whether time stands still."""
        return self._stop_at is not None and self._elapsed_ms() >= self._stop_at

    def now(self) -> Instant:
        """The present instant; never goes back."""
        running = int(self._elapsed_ms())
        return running if self._stop_at is None else min(running, self._stop_at)

    def shown(self) -> Instant:
        """The present for people: that of `now`."""
        return self.now()

    def catch_up(self) -> None:
        """Nothing: the present is always where real time is."""

    def flow_until(self, instant: Instant | None) -> None:
        """Nothing: real time flows by itself."""

    def real_delay(self, deadline: Instant) -> float:
        """Real seconds until `deadline`; 0 when it has come, infinite where it never comes."""
        if self.now() >= deadline:
            return 0.0
        if self._stop_at is not None and deadline > self._stop_at:
            return math.inf
        # A deadline is reached once the floor in now() has reached it.
        return max(deadline - self._elapsed_ms(), 0.0) / 1000

    def skip_to(self, instant: Instant) -> None:
        """Move the present forward to `instant`; does nothing when that has passed."""
        if instant <= self.now():
            return
        if self._stop_at is not None:
            self._stop_at = max(self._stop_at, instant)
        self._rebase(instant)

    def stop(self, at: Instant) -> None:
        """Let time stand still from `at` on, which may be the present."""
        if self.paused:
            self._rebase(self.now())
        self._stop_at = max(at, self.now())

    def resume(self) -> None:
        """Let time go on from the present."""
        if self.paused:
            self._rebase(self.now())
        self._stop_at = None

    def change_speed(self, speed: float) -> None:
        """Real time has one speed. Raises ValueError."""
        raise ValueError("real time has no other speed")

    def _elapsed_ms(self) -> float:
        return self._since_ms + (self._read() - self._since) * 1000

    def _rebase(self, ms: float) -> None:
        self._since, self._since_ms = self._read(), ms
