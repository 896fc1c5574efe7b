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
    """Emulated time that runs `speed` times as fast as real time, from `start` on.

    `read` gives real seconds that never go back; tests pass their own.
    """

    virtual = False

    def __init__(
        self,
        speed: float = 1.0,
        read: Callable[[], float] = time.monotonic,
        start: Instant = 0,
    ) -> None:
        self._speed = speed
        self._read = read
        # The clock stood at `_since_ms` when `read` gave `_since`.
        self._since = read()
        self._since_ms = float(start)
        self._stop_at: Instant | None = None

    @property
    def speed(self) -> float:
        """Emulated milliseconds per real millisecond."""
        return self._speed

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

    def real_delay(self, deadline: Instant) -> float:
        """Real seconds until `deadline`; 0 when it has come, infinite where it never comes."""
        if self.now() >= deadline:
            return 0.0
        if self._stop_at is not None and deadline > self._stop_at:
            return math.inf
        # A deadline is reached once the floor in now() has reached it.
        return max(deadline - self._elapsed_ms(), 0.0) / 1000 / self._speed

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
        """Go on from the present at another speed."""
        self._rebase(self.now() if self.paused else self._elapsed_ms())
        self._speed = speed

    def _elapsed_ms(self) -> float:
        return self._since_ms + (self._read() - self._since) * 1000 * self._speed

    def _rebase(self, ms: float) -> None:
        self._since, self._since_ms = self._read(), ms


class VirtualClock:
    """Emulated time that never waits: it stands where it was put. It starts at 0."""

    virtual = True
    speed = None
    stop_at = None

    def __init__(self) -> None:
        self._now: Instant = 0
        self.paused = False

    def now(self) -> Instant:
        """The present instant; never goes back."""
        return self._now

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
    """Wait `seconds` of real time, between two requests of a command to the emulator."""
    time.sleep(seconds)
