"""Instants in JQL."""

from __future__ import annotations

import pytest

from forge_emu.site.dates import jira_time, read_time
from forge_emu.site.jql.instants import instant_of
from forge_emu.site.jql.parse import Function, JqlError, Value

NOW = read_time("2026-03-31T10:30:00Z") or 0  # a Tuesday


@pytest.mark.parametrize(
    ("name", "argument", "expected"),
    [
        ("now", "", "2026-03-31T10:30:00.000"),
        ("startOfDay", "", "2026-03-31T00:00:00.000"),
        ("endOfDay", "1", "2026-04-01T23:59:59.999"),
        ("startOfWeek", "", "2026-03-29T00:00:00.000"),
        ("endOfWeek", "-1w", "2026-03-28T23:59:59.999"),
        ("startOfMonth", "-1M", "2026-02-01T00:00:00.000"),
        ("endOfMonth", "-1", "2026-02-28T23:59:59.999"),
        ("startOfYear", "", "2026-01-01T00:00:00.000"),
        ("endOfYear", "-1y", "2025-12-31T23:59:59.999"),
    ],
)
def test_a_function_is_an_instant(name: str, argument: str, expected: str) -> None:
    """Moved by its argument, whose unit is the function's own where it has none."""
    function = Function(name, (argument,) if argument else ())

    assert jira_time(instant_of(function, "created", NOW)) == f"{expected}+0000"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("-1h", "2026-03-31T09:30:00.000"),
        ("2d", "2026-04-02T10:30:00.000"),
        ("-1M", "2026-02-28T10:30:00.000"),
        ("-1y", "2025-03-31T10:30:00.000"),
        ("2026-01-02 03:04", "2026-01-02T03:04:00.000"),
    ],
)
def test_a_text_is_an_instant(text: str, expected: str) -> None:
    """From now, or by itself; a month that is too short ends on its last day."""
    assert jira_time(instant_of(Value(text), "created", NOW)) == f"{expected}+0000"


def test_what_is_no_instant_is_refused() -> None:
    """With the forms that are."""
    with pytest.raises(JqlError, match="yyyy-MM-dd"):
        instant_of(Value("today"), "created", NOW)
