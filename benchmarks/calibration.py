"""A loop of plain Python as the measure of this machine at this moment."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter

_STEPS = 2_000_000


def calibration_loop() -> float:
    """Seconds for a million steps of a loop that adds to a dictionary."""
    began = perf_counter()
    counts: dict[int, int] = {}
    for n in range(_STEPS):
        counts[n & 1023] = counts.get(n & 1023, 0) + n
    return (perf_counter() - began) * 1_000_000 / _STEPS


class CalibratedTimer:
    """Measures, and prints each figure beside the loop's of the same moment."""

    @contextmanager
    def measure(self, what: str, events: int) -> Iterator[None]:
        """Print what `events` took, and how many steps of the loop each of them is worth."""
        before = calibration_loop()
        began = perf_counter()
        yield
        seconds = perf_counter() - began
        step = (before + calibration_loop()) / 2 / 1_000_000
        print(
            f"{what:<34}{seconds:>9.2f} s {events / seconds:>11,.0f}/s "
            f"{seconds / events / step:>8,.0f} steps each",
            flush=True,
        )
