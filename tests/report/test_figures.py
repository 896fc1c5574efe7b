"""Collectors whose memory is bounded."""

from __future__ import annotations

import pytest

from forge_emu.model import ErrorReport
from forge_emu.report.collectors import CountsOverTime, DurationSamples, ErrorKinds, RetryDueTimes


@pytest.mark.parametrize(
    ("spans", "expected"),
    [
        ([7], (1, 7, 7, 7)),
        ([1, 2], (2, 1, 2, 2)),
        (list(range(1, 101)), (100, 50, 95, 100)),
        (list(range(100, 0, -1)), (100, 50, 95, 100)),
    ],
)
def test_percentiles_are_exact(spans: list[int], expected: tuple[int, ...]) -> None:
    """Nearest rank, in whatever order the spans came."""
    samples = DurationSamples()
    for span in spans:
        samples.add_duration(span)
    found = samples.figures()

    assert (found.count, found.p50_ms, found.p95_ms, found.max_ms) == expected


def test_samples_thin_out_evenly() -> None:
    """Beyond the bound every second span is kept, and the longest is never lost."""
    samples = DurationSamples(most=100)
    for span in range(1, 1_001):
        samples.add_duration(span)
    samples.add_duration(99_999)
    found = samples.figures()

    assert (found.count, found.max_ms) == (1_001, 99_999)
    assert 480 <= found.p50_ms <= 520
    assert len(samples._durations) <= 100


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


def test_errors_that_differ_in_numbers_are_one_kind() -> None:
    """`issue 1` and `issue 2` failed the same way."""
    errors = ErrorKinds()
    for n in range(3):
        errors.add_error(ErrorReport("Error", f"issue {n}"))
    errors.add_error(ErrorReport("TypeError", "x"))
    top = errors.top(5)

    assert [(e.name, e.message, e.count) for e in top] == [
        ("Error", "issue 0", 3),
        ("TypeError", "x", 1),
    ]


def test_kinds_of_errors_are_bounded() -> None:
    """An app that makes up a new message each time does not fill the memory."""
    errors = ErrorKinds(most=2)
    for word in ("a", "b", "c"):
        errors.add_error(ErrorReport("Error", word))

    assert (len(errors.top(9)), errors.total) == (2, 3)


def test_a_crowd_is_found_across_a_full_second() -> None:
    """Two seconds that touch count together."""
    dues = RetryDueTimes()
    for at in (1_990, 1_995, 2_005, 2_010, 9_000):
        dues.add_retry(1, at)

    assert dues.densest_two_seconds(5) == (0, 5, 4, 1_000)
    assert dues.densest_two_seconds(6) is None
