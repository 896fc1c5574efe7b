"""Counts over time, in bounded memory."""

from __future__ import annotations

import pytest

from forge_emu.report.collectors.over_time import CountsOverTime


@pytest.mark.parametrize(
    ("last", "width"), [(99, 100), (11_999, 100), (12_000, 200), (48_000, 800)]
)
def test_steps_double_when_time_outgrows_them(last: int, width: int) -> None:
    """At most 120 steps, and nothing counted is lost."""
    over_time = CountsOverTime()
    for at in range(1_000, 1_000 + last + 1):
        over_time.count("first", at)
    wave = over_time.series()

    assert (wave.start, wave.width_ms) == (1_000, width)
    assert len(wave.first) <= 120
    assert sum(wave.first) == last + 1
    assert len(wave.retries) == len(wave.first)


def test_a_leap_of_a_day_costs_nothing() -> None:
    """A retry long after everything else still fits."""
    over_time = CountsOverTime()
    over_time.count("first", 0)
    over_time.count("retries", 86_400_000)
    wave = over_time.series()

    assert len(wave.first) <= 120
    assert (wave.first[0], wave.retries[-1]) == (1, 1)
