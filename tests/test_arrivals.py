"""How the events of an order follow each other: at once, evenly, rising, in bursts."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forge_emu.arrivals import AT_ONCE, Bursts, Ramp, at_rate, read_count, read_rate, spread_over

RATES = st.floats(0.01, 1000)


def test_even_paces() -> None:
    """At once, at a rate, over a span."""
    assert [AT_ONCE.offset(n) for n in range(3)] == [0, 0, 0]
    assert [at_rate(4).offset(n) for n in range(3)] == [0, 250, 500]
    assert [spread_over(10_000, 4).offset(n) for n in range(4)] == [0, 2_500, 5_000, 7_500]


def test_bursts_come_at_intervals() -> None:
    """Two at a time, every second."""
    assert [Bursts(2, 1_000).offset(n) for n in range(5)] == [0, 0, 1_000, 1_000, 2_000]


def test_a_ramp_gathers_pace() -> None:
    """From 1/s to 9/s: 50 events in ten seconds, a fifth more in each second than before."""
    ramp = Ramp(1, 9, 50)
    times = [ramp.offset(n) for n in range(50)]
    per_second = [sum(s * 1000 <= t < (s + 1) * 1000 for t in times) for s in range(10)]
    assert sum(per_second) == 50
    assert per_second[0] <= 2
    assert per_second[-1] >= 8


@given(first=RATES, last=RATES, count=st.integers(1, 300))
def test_ramps_never_go_back_and_end_in_time(first: float, last: float, count: int) -> None:
    """Offsets grow, from 0 to the length that the mean rate gives."""
    ramp = Ramp(first, last, count)
    times = [ramp.offset(n) for n in range(count)]
    assert times[0] == 0
    assert all(a <= b for a, b in pairwise(times))
    assert times[-1] <= 2_000 * count / (first + last) + 1


@pytest.mark.parametrize("rate", [0.5, 7])
def test_a_level_ramp_is_a_rate(rate: float) -> None:
    """From 7/s to 7/s."""
    assert [Ramp(rate, rate, 9).offset(n) for n in range(9)] == [
        at_rate(rate).offset(n) for n in range(9)
    ]


@pytest.mark.parametrize(
    ("text", "rate"),
    [("50/s", 50.0), ("600/min", 10.0), (" 7200 / h ", 2.0), ("5", 5.0), ("0", None), ("x", None),
     ("2000000/s", None), ("1/day", None)],
)  # fmt: skip
def test_a_rate_is_read_in_one_way(text: str, rate: float | None) -> None:
    """By every command and every scenario."""
    assert read_rate(text) == rate


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1000", 1000),
        ("1_000", 1000),
        ("1,000", 1000),
        (" 1k ", 1000),
        ("2.5K", 2500),
        ("0.125k", 125),
        ("007", 7),
        ("1.5", None),
        ("1.2345k", None),
        ("k", None),
        ("-1", None),
        ("1m", None),
        ("_1", None),
        ("1e3", None),
        ("", None),
        ("9" * 30, None),
    ],
)
def test_counts_are_read_as_people_write_them(text: str, number: int | None) -> None:
    """With separators, or in thousands."""
    assert read_count(text) == number
