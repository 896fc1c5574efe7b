"""The last row of the console: the filter, a passing word, and the keys."""

from __future__ import annotations

from rich.text import Text

from forge_emu.console import palette as p
from forge_emu.console.format import escape
from forge_emu.console.live.state import Screen, Snapshot
from forge_emu.console.rows import cut, fit, justify, row

_FOOT = (
    ("space", "pause"),
    (".", "one"),
    (">", "next due"),
    ("r", "retry"),
    ("/", "filter"),
    ("l", "limits"),
    ("?", "keys"),
    ("q", "quit"),
    ("s", "sort"),
    ("tab", "records"),
)
"""From the one that stays longest where the row is narrow."""


def footer_rows(snapshot: Snapshot, screen: Screen, width: int) -> list[Text]:
    """One row. What the filter is and what a key has just done comes before the keys."""
    if screen.typing:
        text = row((" /", p.ACCENT), (escape(screen.filter), p.TITLE), ("▏", p.ACCENT))
        hint = row(("Enter keeps it, Esc clears it ", p.DIM))
        return [justify(text, hint, width)]
    text = _state_text(screen, width)
    for key, what in _FOOT:
        if snapshot.paused and key == "space":
            what = "go on"
        if text.cell_len + len(key) + len(what) + 3 > width:
            break
        text.append(f" {key} ", p.ACCENT)
        text.append(f"{what} ", p.DIM)
    if screen.note or screen.filter:
        return [fit(text, width)]
    return [justify(text, _legend_text(), width)]


def _state_text(screen: Screen, width: int) -> Text:
    text = row()
    if screen.note:
        text.append(f" {screen.note} ", p.RETRY)
    if screen.filter:
        # A long one leaves room for the keys that end it.
        most = max(8, width // 3)
        name = escape(screen.filter)
        shown = name if len(name) <= most else cut(name, most).rstrip()
        text.append(f" /{shown} ", f"{p.RETRY} reverse")
        text.append(" Esc ", p.ACCENT)
        text.append("clears ", p.DIM)
    return text


def _legend_text() -> Text:
    """What the marks of a track mean; shown where the keys leave room for it."""
    text = row()
    for (glyph, style), what in (
        (p.OUTCOMES["retry_requested"], "app asked"),
        (p.OUTCOMES["error"], "error"),
        (p.DEFERRED, "deferred"),
        (p.DUE, "due"),
    ):
        text.append(f"{glyph} ", style)
        text.append(f"{what}  ", p.DIM)
    return text
