"""Positions in emulated time, in each of their lengths."""

from __future__ import annotations

import pytest

from forge_emu.offsets import axis_label, clock_text, hours_text, offset_text, short_offset_text


@pytest.mark.parametrize(
    ("at", "texts"),
    [
        (0, ("+00:00:00.000", "0:00.000", "+0:00:00", "0:00:00", "0:00")),
        (83_456, ("+00:01:23.456", "1:23.456", "+0:01:23", "0:01:23", "1:23")),
        (3_723_456, ("+01:02:03.456", "1:02:03.4", "+1:02:03", "1:02:03", "1:02:03")),
        (360_000_000, ("+100:00:00.000", "100:00:00.0", "+100:00:00", "100:00:00", "100:00:00")),
    ],
)
def test_an_instant_in_each_of_its_forms(at: int, texts: tuple[str, ...]) -> None:
    """Long, short, on a clock, with hours, on an axis."""
    forms = (offset_text, short_offset_text, clock_text, hours_text, axis_label)
    assert tuple(form(at) for form in forms) == texts
