"""Colours and glyphs. Every glyph tells apart without colour what its colour tells apart.

`DIM` is an attribute: `bright_black` is the background of some palettes (Solarized)."""

from __future__ import annotations

from typing import Final

DIM: Final = "dim"
PLAIN: Final = ""
TITLE: Final = "bold"
GOOD: Final = "green"
BAD: Final = "red"
ALERT: Final = "bold red"
RETRY: Final = "yellow"
LIMIT: Final = "magenta"
ACCENT: Final = "cyan"

OUTCOMES: Final[dict[str, tuple[str, str]]] = {
    "success": ("✓", GOOD),
    "retry_requested": ("↻", RETRY),
    "error": ("✗", BAD),
    "timeout": ("T", BAD),
    "out_of_memory": ("M", BAD),
    "platform_error": ("!", LIMIT),
    "interrupted": ("~", DIM),
}
"""Outcome of an attempt: glyph and colour."""

RUNNING: Final = ("▶", ACCENT)
DEFERRED: Final = ("░", LIMIT)
DUE: Final = ("◇", RETRY)
DROPPED: Final = ("■", ALERT)
EXPIRED: Final = ("▣", ALERT)
CANCELLED: Final = ("□", DIM)

OUTCOME_WORDS: Final[dict[str, str]] = {
    "success": "success",
    "retry_requested": "retry asked",
    "error": "error",
    "timeout": "timeout",
    "out_of_memory": "out of memory",
    "platform_error": "platform error",
    "interrupted": "interrupted",
}
