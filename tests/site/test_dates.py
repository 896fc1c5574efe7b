"""Instants as products write them."""

from __future__ import annotations

import datetime

import pytest

from forge_emu.site.dates import date_text, days_since_1970, jira_time, read_time

AT = 1_764_327_600_123  # 2025-11-28T11:00:00.123Z


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2025-11-28T11:00:00.123+0000", AT),
        ("2025-11-28T12:00:00.123+01:00", AT),
        ("2025-11-28 11:00", AT - 123),
        ("2025/11/28", AT - 123 - 11 * 3_600_000),
        ("2025-13-01", None),
        ("yesterday", None),
        ("", None),
    ],
)
def test_a_date_is_read(text: str, expected: int | None) -> None:
    """With or without a time and an offset."""
    assert read_time(text) == expected


def test_what_is_written_is_read() -> None:
    """In Jira's form."""
    assert (jira_time(AT), date_text(AT)) == ("2025-11-28T11:00:00.123+0000", "2025-11-28")
    assert read_time(jira_time(AT)) == AT


@pytest.mark.parametrize("year", [1970, 1999, 2000, 2024, 2100])
def test_days_are_those_of_the_calendar(year: int) -> None:
    """Around the end of February."""
    for month, day in ((1, 1), (2, 28), (3, 1), (12, 31)):
        known = (datetime.date(year, month, day) - datetime.date(1970, 1, 1)).days
        assert days_since_1970(year, month, day) == known
