"""The advice at the end of a summary."""

from __future__ import annotations

from rich.console import Console, RenderableType
from rich.text import Text

from forge_emu.console import palette as p
from forge_emu.console.format import escape
from forge_emu.console.rows import Frame, fit, row, title
from forge_emu.report.summary import Summary

# Wrapping asks for a console, though it depends on nothing of it.
_PLAIN = Console(color_system=None, force_terminal=False, width=80)


def advice_rows(summary: Summary, width: int, *, brief: bool = False) -> list[RenderableType]:
    """Each finding, wrapped, with its places below it; `brief` has them after its last word
    where there is room, and no empty row."""
    if not summary.advice:
        return []
    head = title("Advice", width)
    shown: list[RenderableType] = [Frame([head] if brief else [Text(end=""), head])]
    for found in summary.advice:
        rows = _wrapped(found.message, width)
        if found.places:
            places = row((" at ", p.DIM), (escape(", ".join(found.places)), p.ACCENT))
            if brief and rows[-1].cell_len + places.cell_len <= width:
                rows[-1].append_text(places)
            else:
                rows.append(fit(row(("  ", p.PLAIN)).append_text(places), width))
        shown.append(Frame(rows))
    return shown


def _wrapped(message: str, width: int) -> list[Text]:
    bullet = Text(" ▪ ", p.RETRY, end="")
    text = Text(escape(message))
    text.highlight_regex(r"`[^`]+`", p.ACCENT)
    rows = []
    for i, each in enumerate(text.wrap(_PLAIN, max(20, width - 3))):
        each.end = ""
        each.rstrip()
        rows.append((bullet.copy() if i == 0 else Text("   ", end="")).append_text(each))
    return rows
