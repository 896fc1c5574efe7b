"""Random numbers and ids: those that a seed repeats, and those that nothing repeats."""

from __future__ import annotations

import random
import secrets
import uuid
from collections.abc import Callable
from typing import TypeAlias

RandomSource: TypeAlias = random.Random
"""What draws the numbers of a stream; its state can be read and set."""

_RANDOM_BITS = ~(0xF << 76 | 0b11 << 62)
_VERSION_4 = 4 << 76 | 0b10 << 62


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

    def random(self) -> float:
        """A number from 0 up to, but not including, 1."""
        return self._numbers.random()

    def stream(self, name: str) -> Callable[[], float]:
        """Numbers as of `random`, which belong to `name` alone."""
        return random.Random(f"{self._stream_prefix}/{name}").random

    def new_id(self) -> str:
        """A fresh id in the form of a random UUID (RFC 9562, version 4)."""
        bits = self._ids.getrandbits(128) & _RANDOM_BITS | _VERSION_4
        digits = f"{bits:032x}"
        return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def fresh_id() -> str:
    """An id that no seed repeats."""
    return str(uuid.uuid4())


def fresh_seed() -> int:
    """A seed for a run that was given none."""
    return random.SystemRandom().randrange(1, 2**31)


def fresh_token() -> str:
    """A secret that nobody guesses; no seed repeats it."""
    return secrets.token_urlsafe(24)
