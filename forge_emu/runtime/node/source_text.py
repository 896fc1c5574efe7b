"""Places in a text, and texts in which all places stay."""

from __future__ import annotations

import re


def line_and_column(text: str, at: int) -> tuple[int, int]:
    """Line and column of the character `at`, both from 1."""
    return text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)


def blank(text: str) -> str:
    """Spaces of the same length, so that the places of what follows stay."""
    return re.sub(r"[^\n]", " ", text)
