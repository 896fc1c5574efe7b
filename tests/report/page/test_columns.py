"""The table of texts that columns refer to."""

from __future__ import annotations

from forge_emu.report.page.columns import TextTable


def test_words_beyond_the_table_are_dots() -> None:
    """An app that makes up a new error for every event does not grow the page for ever."""
    words = TextTable(most=2)

    assert [words.number(text) for text in ("a", "b", "c", "a", None, "")] == [0, 1, 2, 0, -1, -1]
    assert words.number("d") == 2
    assert words.texts == ["a", "b", "…"]
