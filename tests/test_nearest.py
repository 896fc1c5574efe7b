"""Hints about names that do not exist: the near ones, and what is said where none is near."""

from __future__ import annotations

import pytest

from forge_emu.nearest import did_you_mean, nearest, nearest_hint

KNOWN = ["hourly-sync", "hourly-check", "Daily"]


def test_the_nearest_names_come_first() -> None:
    """Whatever their case, and no more of them than are wanted."""
    assert nearest("hourly-synk", KNOWN) == ["hourly-sync", "hourly-check"]
    assert nearest("hourly-synk", KNOWN, most=1) == ["hourly-sync"]
    assert nearest("daily", KNOWN) == ["Daily"]
    assert nearest("x" * 10_000, KNOWN) == []


@pytest.mark.parametrize(
    ("near", "hint"),
    [(["a"], "Did you mean a?"), (["a", "b"], "Did you mean a or b?"), ([], None)],
)
def test_a_hint_names_them(near: list[str], hint: str | None) -> None:
    """And says nothing where there is none."""
    assert did_you_mean(near) == hint


def test_without_a_near_name_there_is_another_hint() -> None:
    """Of whoever asks."""
    assert nearest_hint("dayly", KNOWN, "There are three.") == "Did you mean Daily?"
    assert nearest_hint("zzz", KNOWN, "There are three.") == "There are three."
    assert nearest_hint("zzz", KNOWN) is None
