"""Rows of an exact width: the whole console is a list of them, so nothing can wrap or overflow."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from forge_emu.console import palette as p

Cell = tuple[str, str]
"""A character of one column and its style."""


class Frame:
    """Rows under one another, each cut to the width it was made for."""

    def __init__(self, rows: Sequence[Text]) -> None:
        self.rows = rows

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        # Rows are already cut: Text.render leaves out the wrapping that a print would do.
        for row in self.rows:
            yield from row.render(console, "\n")


def row(*parts: tuple[str, str]) -> Text:
    """Parts of (text, style) on one row."""
    return Text.assemble(*parts, no_wrap=True, end="")


def fit(text: Text, width: int) -> Text:
    """`text` cut or padded to exactly `width` columns, in place."""
    have = text.cell_len
    if have > width:
        text.truncate(width, overflow="ellipsis")
        have = text.cell_len
    if have < width:
        text.append(" " * (width - have))
    return text


def cut(text: str, width: int) -> str:
    """`text` cut or padded to exactly `width` columns."""
    have = cell_len(text)
    if have <= width:
        return text + " " * (width - have)
    if width < 1:
        return ""
    while cell_len(text) > width - 1:
        text = (
            text[:-1] if cell_len(text) - width < 4 else text[: len(text) - (len(text) // 8 or 1)]
        )
    return text + "…" + " " * (width - 1 - cell_len(text))


def title(name: str, width: int, note: str = "", style: str = p.DIM) -> Text:
    """`── Name ─────── note ──`: the head of a section."""
    head = f"── {name} "
    tail = f" {note} ──" if note else ""
    fill = width - cell_len(head) - cell_len(tail)
    if fill < 1:
        tail, fill = "", max(0, width - cell_len(head))
    text = row(("── ", p.DIM), (name, p.TITLE), (" " + "─" * fill, p.DIM))
    if tail:
        text.append(tail[:-3], style)
        text.append(" ──", p.DIM)
    return fit(text, width)


def justify(left: Text, right: Text, width: int) -> Text:
    """`left` and `right` at the two ends of one row; `right` gives way."""
    gap = width - left.cell_len - right.cell_len
    if gap < 1:
        return fit(left, width)
    return left.append(" " * gap).append_text(right)


def side_by_side(
    left: Sequence[Text], right: Sequence[Text], left_width: int, width: int
) -> list[Text]:
    """Two blocks side by side with a gap of two columns."""
    right_width = width - left_width - 2
    rows = []
    for i in range(max(len(left), len(right))):
        one = left[i] if i < len(left) else Text()
        two = right[i] if i < len(right) else Text()
        rows.append(fit(one, left_width).append("  ").append_text(fit(two, right_width)))
    return rows


def text_from_cells(cells: Iterable[Cell]) -> Text:
    """Single characters as text, with one span for each run of a style."""
    text = Text(no_wrap=True, end="")
    run: list[str] = []
    style = ""
    for char, own in cells:
        if own != style and run:
            text.append("".join(run), style)
            run = []
        style = own
        run.append(char)
    if run:
        text.append("".join(run), style)
    return text
