"""The one module that reads the machine's clock and its source of chance."""

from __future__ import annotations

import random
import secrets
import time
import uuid
from collections.abc import Callable

from forge_emu.model import Instant


class RealClock:
    """Emulated time that runs `speed` times as fast as real time. It starts at 0.

    `read` gives real seconds that never go back; tests pass their own.
    """

    def __init__(self, speed: float = 1.0, read: Callable[[], float] = time.monotonic) -> None:
        self._speed = speed
        self._read = read
        self._started = read()
        self._skipped: Instant = 0

    @property
    def speed(self) -> float:
        """Emulated milliseconds per real millisecond."""
        return self._speed

    def now(self) -> Instant:
        """The present instant; never goes back."""
        return int((self._read() - self._started) * 1000 * self._speed) + self._skipped

    def real_delay(self, deadline: Instant) -> float:
        """Real seconds until `deadline`; 0 when it has come."""
        # A deadline is reached once the floor in now() has reached it.
        elapsed = (self._read() - self._started) * 1000 * self._speed + self._skipped
        return max(deadline - elapsed, 0.0) / 1000 / self._speed

    def skip_to(self, instant: Instant) -> None:
        """Move the present forward to `instant`; does nothing when that has passed."""
        self._skipped += max(instant - self.now(), 0)


class Chance:
    """Random numbers and ids that a seed repeats. Each has its own stream."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        # Texts, because random.Random scrambles them well where neighbouring numbers stay alike.
        self._numbers = random.Random(f"{seed}/numbers")
        self._ids = random.Random(f"{seed}/ids")

    def number(self) -> float:
        """A number from 0 up to, but not including, 1."""
        return self._numbers.random()

    def new_id(self) -> str:
        """A fresh id in the form of a random UUID."""
        return str(uuid.UUID(int=self._ids.getrandbits(128), version=4))


def fresh_seed() -> int:
    """A seed for a run that was given none."""
    return random.SystemRandom().randrange(1, 2**31)


def fresh_token() -> str:
    """A secret that nobody guesses; no seed repeats it."""
    return secrets.token_urlsafe(24)


def wall_ms() -> int:
    """Milliseconds since 1970-01-01T00:00Z."""
    return time.time_ns() // 1_000_000


def pause(seconds: float) -> None:
    """Let a command wait between two questions to the emulator."""
    time.sleep(seconds)
