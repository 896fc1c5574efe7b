"""Durations: the spelling of each length, and the forms that people write."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forge_emu.durations import (
    countdown_text,
    duration_argument,
    duration_text,
    exact_duration_text,
    read_duration,
    read_milliseconds,
)

MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000


@pytest.mark.parametrize(
    ("ms", "text"),
    [
        (-5, "0 ms"),
        (0, "0 ms"),
        (999, "999 ms"),
        (1_000, "1 s"),
        (1_049, "1 s"),
        (1_050, "1.1 s"),
        (2_500, "2.5 s"),
        (9_949, "9.9 s"),
        (9_950, "10 s"),
        (16_400, "16 s"),
        (59_499, "59 s"),
        (59_500, "1 min"),
        (94_000, "1:34 min"),
        (125_000, "2:05 min"),
        (12 * MINUTE, "12 min"),
        (HOUR - 501, "59:59 min"),
        (HOUR - 500, "1 h 00 min"),
        (HOUR + 5 * MINUTE, "1 h 05 min"),
        (DAY, "24 h 00 min"),
        (2 * DAY - 30_001, "47 h 59 min"),
        (2 * DAY - 30_000, "2 d 00 h"),
        (3 * DAY + 4 * HOUR, "3 d 04 h"),
        (1_000 * DAY, "1,000 d 00 h"),
    ],
)
def test_each_length_has_its_units(ms: int, text: str) -> None:
    """At most two units, rounded to the last one."""
    assert duration_text(ms) == text


@pytest.mark.parametrize(
    ("ms", "text"),
    [
        (-5, "0 ms"),
        (999, "999 ms"),
        (10_000, "10 s"),
        (10_400, "10.4 s"),
        (54_999, "54.999 s"),
        (185_250, "3:05.25 min"),
        (192_000, "3:12 min"),
        (HOUR, "1 h 00 min"),
        (HOUR + 20_000, "1 h 00:20 min"),
        (3 * DAY + 1, "3 d 00 h"),
    ],
)
def test_an_exact_duration_is_not_rounded(ms: int, text: str) -> None:
    """What stands beside a bound must not look equal to it."""
    assert exact_duration_text(ms) == text


@pytest.mark.parametrize(
    ("ms", "text"),
    [(1, "1 s"), (1_000, "1 s"), (39_001, "40 s"), (79_500, "1:20 min")],
)
def test_a_countdown_is_over_only_at_its_end(ms: int, text: str) -> None:
    """Whole seconds, rounded up."""
    assert countdown_text(ms) == text


@pytest.mark.parametrize(
    ("text", "ms"),
    [
        ("500ms", 500),
        (" 10 s ", 10_000),
        ("2m", 120_000),
        ("2min", 120_000),
        ("1.5h", 5_400_000),
        ("0.4ms", 0),
        ("10", None),
        ("", None),
        ("-1s", None),
        ("1 d", 86_400_000),
        ("1s2", None),
    ],
)
def test_durations_are_read(text: str, ms: int | None) -> None:
    """A number and a unit; nothing else is one."""
    assert read_duration(text) == ms


def test_fractions_of_a_millisecond_are_read() -> None:
    """Latencies are drawn between them."""
    assert read_milliseconds("0.5ms") == 0.5


@given(st.integers(0, 10**11))
def test_an_argument_is_read_back(ms: int) -> None:
    """To the millisecond."""
    assert read_duration(duration_argument(ms)) == ms
