"""Foreign text on the terminal."""

from __future__ import annotations

import pytest

from forge_emu.console.format import escape


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("two\nlines\n", "two ⏎ lines"),
        ("a\r\nb", "a ⏎ b"),
        ("\x1b[2J", "\\x1b[2J"),
        ("\x07\x00\x7f\x9b", "\\x07\\x00\\x7f\\x9b"),
        ("a\u202eb", "a\\u202eb"),
        ("\ud800", "\\ud800"),
        ("tab\there", "tab  here"),
        ("日本 ünï 👩‍👩‍👧", "日本 ünï 👩‍👩‍👧"),
    ],
)
def test_foreign_text_cannot_steer_the_terminal(text: str, shown: str) -> None:
    """Control characters and direction marks are shown, letters are left alone."""
    assert escape(text) == shown
