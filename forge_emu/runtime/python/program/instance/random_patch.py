"""Randomness in handlers follows the run's seed: a stream for each invocation, and one for the top
level of each instance's modules, so that their order does not matter.

Not secure, and not meant to be: whoever knows the seed knows what comes.
"""

from __future__ import annotations

import os
import random
import ssl
from collections.abc import Callable
from typing import Any

from ..shared import real_clock

_original_seed = random.seed
_original_instance_seed = random.Random.seed
_read_random: Callable[[int], bytes] = real_clock.urandom


class HandlerRandom:
    """The stream in use, behind `random`, `os.urandom`, `secrets` and `uuid.uuid4`."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._stream = real_clock.Random(f"{seed}/outside")
        self._seeded_by_app = False

    def start_stream(self, key: str) -> None:
        """Start the stream of an invocation or of an instance."""
        self._stream = real_clock.Random(f"{self._seed}/{key}")
        if not self._seeded_by_app:
            _original_seed(f"{self._seed}/{key}/random")

    def random_bytes(self, size: int) -> bytes:
        """`size` random bytes of the stream in use."""
        return self._stream.randbytes(size)

    def activate(self) -> None:
        """Use these streams from now on."""
        global _read_random
        _read_random = self.random_bytes
        random.seed = self._seed_for_app

    def _seed_for_app(self, a: Any = None, version: int = 2) -> None:
        """As of `random`; what the app seeds goes on from one invocation to the next."""
        self._seeded_by_app = a is not None
        _original_seed(a, version)


def install() -> None:
    """Install our functions; until `activate` they use the machine's randomness."""
    os.urandom = _urandom
    if hasattr(os, "getrandom"):
        os.getrandom = lambda size, flags=0: _urandom(size)
    ssl.RAND_bytes = _urandom
    # What `secrets` and `random.SystemRandom` read.
    vars(random)["_urandom"] = _urandom
    random.Random.seed = _seed  # type: ignore[assignment,method-assign]


def _urandom(size: int, /) -> bytes:
    return _read_random(size)


def _seed(of: random.Random, a: Any = None, version: int = 2) -> None:
    _original_instance_seed(of, _urandom(32) if a is None else a, version)
