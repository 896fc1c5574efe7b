"""The one module that reads the machine's clock and its random numbers."""

from __future__ import annotations

import math
import random
import secrets
import time
import uuid
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
        """The present instant."""
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


class VirtualClock:
    """Emulated time that never waits: it stands where it was put, from `start` on."""

    virtual = True
    stop_at = None
    measured_speed: float | None = None

    def __init__(self, start: Instant = 0) -> None:
        self._now = start
        self.paused = False

    @property
    def speed(self) -> float | None:
        """Virtual time that never waits has none."""
        return None

    def now(self) -> Instant:
        """The present instant; never goes back."""
        return self._now

    def shown(self) -> Instant:
        """The present instant."""
        return self._now

    def catch_up(self) -> None:
        """Nothing: time stands where it was put."""

    def flow_until(self, instant: Instant | None) -> None:
        """Nothing: time stands where it was put."""

    def real_delay(self, deadline: Instant) -> float:
        """Nothing is ever waited for."""
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

    @property
    def speed(self) -> float | None:
        """Emulated seconds in a real one, where the machine is fast enough."""
        return self._speed

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
        """Nothing happens before `instant`: show time flowing up to there. None: for ever."""
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
            self.measured_speed = (instant - from_ms) / 1000 / (real - since)
            self._measured_since = (real, instant)

    def _restart(self) -> None:
        self._reached = self._read()
        self._measured_since = (self._reached, self._now)
        self.measured_speed = None


_SHORTEST_WAIT = 0.001
_MADE_UP_FOR = 0.1
_MEASURED_SECONDS = 2.0


class SeededRandom:
    """Random numbers and ids that a seed repeats. Each has its own stream.

    A later `run` of the same state draws from other streams: ids must not come twice.
    """

    def __init__(self, seed: int, run: int = 1) -> None:
        self.seed = seed
        self.run = run
        self._stream_prefix = f"{seed}" if run == 1 else f"{seed}/run {run}"
        self.derived_seed = seed if run == 1 else random.Random(self._stream_prefix).getrandbits(31)
        """A seed for random numbers that are drawn elsewhere (by handlers)."""
        # Texts, because random.Random scrambles them well where neighbouring numbers stay alike.
        self._numbers = random.Random(f"{self._stream_prefix}/numbers")
        self._ids = random.Random(f"{self._stream_prefix}/ids")
        self._latencies = random.Random(f"{self._stream_prefix}/latencies")

    def random(self) -> float:
        """A number from 0 up to, but not including, 1."""
        return self._numbers.random()

    def latency_random(self) -> float:
        """The same, for latencies alone."""
        return self._latencies.random()

    def stream(self, name: str) -> Callable[[], float]:
        """Numbers as of `random`, which belong to `name` alone."""
        return random.Random(f"{self._stream_prefix}/{name}").random

    def new_id(self) -> str:
        """A fresh id in the form of a random UUID."""
        return str(uuid.UUID(int=self._ids.getrandbits(128), version=4))


def fresh_id() -> str:
    """An id that no seed repeats."""
    return str(uuid.uuid4())


def monotonic_seconds() -> float:
    """Real seconds since some moment; never goes back."""
    return time.monotonic()


def fresh_seed() -> int:
    """A seed for a run that was given none."""
    return random.SystemRandom().randrange(1, 2**31)


def fresh_token() -> str:
    """A secret that nobody guesses; no seed repeats it."""
    return secrets.token_urlsafe(24)


def wall_ms() -> int:
    """Milliseconds since 1970-01-01T00:00Z."""
    return time.time_ns() // 1_000_000


def sleep(seconds: float) -> None:
    """Let a command wait between two questions to the emulator."""
    time.sleep(seconds)
