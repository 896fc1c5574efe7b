"""The machine's own clock, in real time."""

from __future__ import annotations

import time


def monotonic_seconds() -> float:
    """Real seconds since some moment; never goes back."""
    return time.monotonic()


def wall_ms() -> int:
    """Milliseconds since 1970-01-01T00:00Z."""
    return time.time_ns() // 1_000_000


def sleep(seconds: float) -> None:
    """Wait `seconds` of real time, between two requests of a command to the emulator."""
    time.sleep(seconds)
