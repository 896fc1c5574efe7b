"""Percentiles of durations, in bounded memory."""

from __future__ import annotations

import pytest

from forge_emu.report.collectors.duration_samples import DurationSamples


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
