"""What a line says of a record: a glyph, a verb, and details."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

StyledText: TypeAlias = tuple[str, str]
"""Text and its style."""

RecordRow: TypeAlias = tuple[StyledText, str, list[StyledText]]
"""Glyph with its style, what happened, and the details."""

RowOf: TypeAlias = Callable[[Any, bool], RecordRow]
"""The row of a record's body; the flag asks for all details."""


def size_text(bytes_: int) -> str:
    """`512 B`, `1.6 KiB`."""
    return f"{bytes_} B" if bytes_ < 1024 else f"{bytes_ / 1024:.1f} KiB"
