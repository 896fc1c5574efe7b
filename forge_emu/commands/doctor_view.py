"""What the doctor found, for a terminal."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text

from forge_emu.commands.doctor import Sign
from forge_emu.console import palette as p
from forge_emu.console.format import plural, safe

_GLYPHS = {"ok": ("✓", p.GOOD), "note": ("•", p.RETRY), "wrong": ("✗", p.LOUD)}


def signs_text(signs: Sequence[Sign]) -> Text:
    """A line for each finding, and under it how to fix it."""
    text = Text(end="")
    width = max(len(sign.subject) for sign in signs)
    for sign in signs:
        glyph, style = _GLYPHS[sign.state]
        text.append(f"{glyph} ", style)
        text.append(f"{sign.subject:<{width}}  ")
        text.append(safe(sign.found), style if sign.state == "wrong" else p.TITLE)
        if sign.why:
            text.append(f"  {safe(sign.why)}", p.DIM)
        text.append("\n")
        if sign.mend:
            text.append(f"  {'':<{width}}  mend: {safe(sign.mend)}\n", p.CALM)
    return text


def verdict(signs: Sequence[Sign]) -> str:
    """How many things are wrong, in one line."""
    wrong = sum(sign.state == "wrong" for sign in signs)
    return f"{plural(wrong, 'thing is', 'things are')} wrong" if wrong else "all is well"
