"""Amounts of money in words."""

from __future__ import annotations

import pytest

from forge_emu.report.format import usd_text


@pytest.mark.parametrize(
    ("usd", "text"),
    [
        (0, "$0"),
        (0.0000012345, "$0.00000123"),
        (0.00251, "$0.00251"),
        (0.0025, "$0.0025"),
        (0.5, "$0.5"),
        (0.9999, "$1"),
        (1, "$1.00"),
        (12.345, "$12.35"),
        (1234.5, "$1,234.50"),
    ],
)
def test_dollars(usd: float, text: str) -> None:
    """Three digits that say something, and cents from a dollar on."""
    assert usd_text(usd) == text
