"""Block-character pictures: attempts over time as stacked columns, counts as bars."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text

from forge_emu.console import palette as p
from forge_emu.console.rows import Cell, cut, fit, from_cells, row
from forge_emu.console.words import amount, mark, span
from forge_emu.report.summary import Wave

HEIGHT = 8

# From the bottom of a column to its top. Glyphs differ so that it reads without colour.
_SERIES: tuple[tuple[str, str, str, str], ...] = (
    ("first", "first attempts", "█", p.GOOD),
    ("retries", "retries", "▒", p.RETRY),
    ("refusals", "refusals", "×", p.LOUD),
    ("deferrals", "deferrals", "░", p.LIMIT),
)


def wave(over_time: Wave, width: int) -> list[Text]:
    """Stacked columns with a scale on the left, a time axis below and a legend."""
    gutter = 8
    columns = _columns(over_time, width - gutter - 1)
    if not columns:
        return []
    highest = max(sum(column) for column in columns)
    heights = [_stacked(column, highest) for column in columns]
    rows = []
    for level in range(HEIGHT, 0, -1):
        label = (
            amount(highest)
            if level == HEIGHT
            else amount(highest / 2)
            if level == HEIGHT // 2
            else ""
        )
        cells: list[Cell] = []
        for stack in heights:
            cells.append(stack[level - 1] if level <= len(stack) else (" ", ""))
        text = row((f"{label:>{gutter - 2}} │", p.DIM)).append_text(from_cells(cells))
        rows.append(fit(text, width))
    length = over_time.width_ms * len(over_time.first)
    end = mark(over_time.start + length)
    begin = mark(over_time.start)
    axis = "─" * len(columns)
    rows.append(fit(row((" " * (gutter - 2) + " └" + axis, p.DIM)), width))
    middle = mark(over_time.start + length // 2)
    space = len(columns)
    scale = (
        f"{begin}{middle:^{max(0, space - len(begin) - len(end))}}{end}" if space > 24 else begin
    )
    rows.append(fit(row((" " * gutter + scale, p.DIM)), width))
    rows.append(fit(_legend(over_time, len(columns), gutter), width))
    return rows


def _columns(over_time: Wave, room: int) -> list[list[int]]:
    """The steps as columns: several columns to a step, or several steps to a column."""
    series = [getattr(over_time, name) for name, _, _, _ in _SERIES]
    steps = [list(step) for step in zip(*series, strict=True)]
    if not steps or not any(map(any, steps)) or room < 1:
        return []
    if len(steps) > room:
        together = -(-len(steps) // room)
        return [
            [sum(part) for part in zip(*steps[i : i + together], strict=True)]
            for i in range(0, len(steps), together)
        ]
    wide = min(room // len(steps), 4)
    return [step for step in steps for _ in range(wide)]


def _stacked(column: Sequence[int], highest: int) -> list[Cell]:
    """The cells of one column from the bottom; whatever is there at all gets a cell at least."""
    total = sum(column)
    if not total:
        return []
    tall = max(1, round(total / highest * HEIGHT))
    present = [i for i, n in enumerate(column) if n]
    tall = min(HEIGHT, max(tall, len(present)))
    shares = {i: 1 for i in present}
    for _ in range(tall - len(present)):
        # The next cell goes to whoever is furthest below its share.
        i = max(present, key=lambda i: column[i] / total * tall - shares[i])
        shares[i] += 1
    return [(_SERIES[i][2], _SERIES[i][3]) for i in present for _ in range(shares[i])]


def _legend(over_time: Wave, columns: int, gutter: int) -> Text:
    text = row((" " * gutter, p.PLAIN))
    for name, words, glyph, style in _SERIES:
        total = sum(getattr(over_time, name))
        if total:
            text.append(f"{glyph} ", style)
            text.append(f"{words} {total:,}   ", p.PLAIN)
    together = max(1, -(-len(over_time.first) // max(1, columns)))
    wide = over_time.width_ms * together
    return text.append(f"per {span(wide)}", p.DIM)


def bars(counted: Sequence[tuple[str, int]], width: int, label: int, style: str) -> list[Text]:
    """One bar for each count, the longest as long as there is room for."""
    most = max((n for _, n in counted), default=0)
    room = min(60, width - label - 12)
    rows = []
    for name, n in counted:
        length = max(1, round(n / most * room)) if n and most else 0
        text = row((cut(name, label), p.DIM), (f"{n:>9,}  ", p.PLAIN), ("█" * length, style))
        rows.append(fit(text, width))
    return rows
