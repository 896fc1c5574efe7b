"""The page writes durations and instants as the terminal does: both run on the same values."""

from __future__ import annotations

import json

import pytest

from forge_emu.durations import duration_text
from forge_emu.offsets import axis_label
from tests.report.page.web.page_modules import evaluate

pytestmark = pytest.mark.node

SECOND, MINUTE, HOUR, DAY = 1_000, 60_000, 3_600_000, 86_400_000
BORDERS = (
    0,
    100,
    SECOND,
    10 * SECOND,
    MINUTE,
    2 * MINUTE,
    10 * MINUTE,
    HOUR,
    10 * HOUR,
    DAY,
    2 * DAY,
    3 * DAY,
    1_000 * DAY,
)
# Around every change of unit, where rounding decides, and all over each range.
VALUES = sorted(
    {
        *(border + step for border in BORDERS for step in range(-1_060, 1_061, 5)),
        *(border + step for border in BORDERS for step in (-30_001, -30_000, 30_000, HOUR // 2)),
        *(value * value * 7 // 3 for value in range(0, 10_000, 37)),
    }
)


def _written_by_page(function: str, module: str, values: list[int]) -> list[str]:
    mapped = f"{json.dumps(values)}.map((value) => {function}(value))"
    written: list[str] = evaluate(module, function, mapped)
    return written


def test_durations_are_spelt_alike() -> None:
    """Every length of them."""
    assert _written_by_page("durationText", "duration.js", VALUES) == [
        duration_text(value) for value in VALUES
    ]


def test_axes_are_labelled_alike() -> None:
    """At whole seconds; the page alone labels tenths."""
    seconds = [value // 1000 for value in VALUES if value >= 0]
    assert _written_by_page("axisLabel", "offset.js", seconds) == [
        axis_label(value * 1000) for value in seconds
    ]
