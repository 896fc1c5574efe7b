"""Emulated time that goes from one due time to the next: without waiting, or paced."""

from __future__ import annotations

import time
from collections.abc import Callable

from forge_emu.model import Instant

_SHORTEST_WAIT = 0.001
"""Real seconds; shorter waits are left to the next move."""

_MADE_UP_FOR = 0.1
"""Real seconds of delay that are made up for."""

_MEASURED_SECONDS = 2.0
"""Real seconds between two measurements of the speed."""


class VirtualClock:
    """Emulated time that never waits: it stands where it was put, from `start` on."""

    virtual = True
    stop_at = None

    def __init__(self, start: Instant = 0) -> None:
        self._now = start
        self.paused = False

    @property
    def speed(self) -> float | None:
        """Virtual time that never waits has none."""
        return None

    @property
    def measured_speed(self) -> float | None:
        """Virtual time that never waits has none."""
        return None

    def now(self) -> Instant:
        """The present instant; never goes back."""
        return self._now

    def shown(self) -> Instant:
        """The present for people: that of `now`."""
        return self._now

    def catch_up(self) -> None:
        """Nothing: time stands where it was put."""

    def flow_until(self, instant: Instant | None) -> None:
        """Nothing: time stands where it was put."""

    def real_delay(self, deadline: Instant) -> float:
        """Real seconds until `deadline`: 0, since nothing is ever waited for."""
        return 0.0

    def skip_to(self, instant: Instant) -> None:
        """Move the present forward to `instant`; does nothing when that has passed."""
        self._now = max(self._now, instant)

    def stop(self, at: Instant) -> None:
        """Let time stand still; whoever moves it sees to it that it reaches `at` first."""
        self.paused = True

    def resume(self) -> None:
        """Let time go on."""
        self.paused = False

    def change_speed(self, speed: float) -> None:
        """Virtual time has no speed. Raises ValueError."""
        raise ValueError("virtual time has no speed")


class PacedClock(VirtualClock):
    """Virtual time that waits: `speed` emulated seconds pass in a real one.

    It moves from one due time to the next as virtual time does, so that what is seen depends on the
    app and the seed alone, and waits in real time before each move. Between two moves it is shown
    flowing. A machine that is too slow makes it slower, and nothing else.

    `read` gives real seconds that never go back; tests pass their own.
    """

    def __init__(
        self, speed: float, read: Callable[[], float] = time.monotonic, start: Instant = 0
    ) -> None:
        super().__init__(start)
        self._speed = speed
        self._read = read
        # When the present was reached, in real seconds.
        self._reached = read()
        self._flow_until: Instant | None = start
        self._measured_since = (self._reached, start)
        self._measured: float | None = None

    @property
    def speed(self) -> float | None:
        """Emulated seconds in a real one, where the machine is fast enough."""
        return self._speed

    @property
    def measured_speed(self) -> float | None:
        """The speed of late, also where nothing has happened since; None while unknown."""
        since, from_ms = self._measured_since
        passed = self._read() - since
        if self.paused or passed < _MEASURED_SECONDS:
            return self._measured
        return (self.shown() - from_ms) / 1000 / passed

    def shown(self) -> Instant:
        """Where time would be by now, but not beyond what comes next."""
        if self.paused:
            return self._now
        passed = max(self._read() - self._reached, 0.0)
        flowing = self._now + int(passed * 1000 * self._speed)
        if self._flow_until is not None:
            flowing = min(flowing, self._flow_until)
        return max(flowing, self._now)

    def catch_up(self) -> None:
        """Move the present to where time is shown: something comes from outside."""
        self._move_to(self.shown())

    def flow_until(self, instant: Instant | None) -> None:
        """Nothing happens before `instant`: show time flowing up to there. None: for ever.

        Where it stood still, as it does while handlers run, it flows on from there.
        """
        stood_since = self._reached + (self.shown() - self._now) / 1000 / self._speed
        stood_for = self._read() - stood_since
        if not self.paused and stood_for >= _MADE_UP_FOR:
            self._reached += stood_for
        self._flow_until = instant

    def real_delay(self, deadline: Instant) -> float:
        """Real seconds until time may be moved to `deadline`."""
        passed = self._read() - self._reached
        delay = (deadline - self._now) / 1000 / self._speed - passed
        # A timer for less would cost more than it waits; the next move waits for it as well.
        return delay if delay >= _SHORTEST_WAIT else 0.0

    def skip_to(self, instant: Instant) -> None:
        """Move the present forward to `instant`; does nothing when that has passed."""
        if instant > self._now:
            self._move_to(instant)

    def stop(self, at: Instant) -> None:
        """Let time stand still where it is shown."""
        self.catch_up()
        super().stop(at)

    def resume(self) -> None:
        """Let time go on."""
        if self.paused:
            self._restart()
        super().resume()

    def change_speed(self, speed: float) -> None:
        """Go on from the present at another speed."""
        self.catch_up()
        self._speed = speed
        self._restart()

    def _move_to(self, instant: Instant) -> None:
        due = self._reached + (instant - self._now) / 1000 / self._speed
        real = self._read()
        # A little late is made up for; a slow machine is not, or it would never show.
        self._reached = due if real - due < _MADE_UP_FOR else real
        self._now = instant
        since, from_ms = self._measured_since
        if real - since >= _MEASURED_SECONDS:
            self._measured = (instant - from_ms) / 1000 / (real - since)
            self._measured_since = (real, instant)

    def _restart(self) -> None:
        self._reached = self._read()
        self._measured_since = (self._reached, self._now)
        self._measured = None
