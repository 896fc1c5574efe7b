"""Block-character pictures: attempts over time as stacked columns, counts as bars."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text

from forge_emu.console import palette as p
from forge_emu.console.format import amount
from forge_emu.console.rows import Cell, cut, fit, row, text_from_cells
from forge_emu.durations import duration_text
from forge_emu.model import Instant
from forge_emu.offsets import axis_label, short_offset_text
from forge_emu.report.summary import AttemptSeries

HEIGHT = 10

# From the bottom of a column to its top. Glyphs differ so that it reads without colour.
_SERIES: tuple[tuple[str, str, str, str], ...] = (
    ("first", "first", "█", p.GOOD),
    ("retries", "retries", "▒", p.RETRY),
)
# What attempts met: a row of its own below, as it is no further attempt.
_ROWS: tuple[tuple[str, str, str, str], ...] = (
    ("refusals", "refused", "▅", p.ALERT),
    ("deferrals", "deferred", "▅", p.LIMIT),
)
_LEVELS = " ▁▂▃▄▅▆▇█"
_GUTTER = 10


def attempts_chart(
    over_time: AttemptSeries, width: int, *, height: int = HEIGHT, stretch: bool = True
) -> list[Text]:
    """Attempts as stacked columns with a scale on the left, what they met in rows, a time axis.

    `stretch` False leaves room on the right for steps to come.
    """
    room = width - _GUTTER - 1
    series = [getattr(over_time, name) for name, _, _, _ in (*_SERIES, *_ROWS)]
    steps = [tuple(step) for step in zip(*series, strict=True)]
    if not any(map(any, steps)) or room < 1:
        return []
    together = _steps_per_column(over_time, room)
    columns = _merge_steps(steps, together)
    if stretch:
        columns = _stretch_columns(columns, room)
    attempts = [column[: len(_SERIES)] for column in columns]
    highest = max(1, *map(sum, attempts))
    stacks = [_stack_cells(column, highest, height) for column in attempts]
    rows = []
    for level in range(height, 0, -1):
        label = {height: amount(highest), height // 2: amount(highest // 2)}.get(level, "")
        cells: list[Cell] = [s[level - 1] if level <= len(s) else (" ", "") for s in stacks]
        rows.append(_chart_row(label, "│", text_from_cells(cells), width))
    rows.append(_chart_row("", "└", row(("─" * room, p.DIM)), width))
    for i, (_, words, _, style) in enumerate(_ROWS, len(_SERIES)):
        if most := max(column[i] for column in columns):
            line = "".join(_LEVELS[-(-column[i] * 8 // most)] for column in columns)
            rows.append(_chart_row(words, " ", row((line, style)), width))
    end = over_time.start + over_time.width_ms * len(steps)
    scale = _time_scale(over_time.start, end, len(columns))
    rows.append(_chart_row("", " ", row((scale, p.DIM)), width))
    rows.append(fit(_legend(over_time), width))
    return rows


def spark_line(counts: Sequence[int], room: int) -> tuple[str, int, int]:
    """`counts` as one line of blocks in at most `room` columns, how many a column stands for, and
    the highest column."""
    together = max(1, -(-len(counts) // max(1, room)))
    columns = [sum(counts[i : i + together]) for i in range(0, len(counts), together)]
    most = max(columns, default=0)
    line = "".join(_LEVELS[-(-n * 8 // most) if most else 0] for n in columns)
    return line, together, most


def column_span(over_time: AttemptSeries, width: int) -> str:
    """How much time a column of the picture stands for."""
    return duration_text(over_time.width_ms * _steps_per_column(over_time, width - _GUTTER - 1))


def _steps_per_column(over_time: AttemptSeries, room: int) -> int:
    return max(1, -(-len(over_time.first) // max(1, room)))


def _chart_row(label: str, edge: str, cells: Text, width: int) -> Text:
    head = row((f"{label:>{_GUTTER - 2}} {edge}"[-_GUTTER:], p.DIM))
    return fit(head.append_text(cells), width)


def _time_scale(start: Instant, end: Instant, room: int) -> str:
    instants = (start, (start + end) // 2, end)
    first, middle, last = map(axis_label, instants)
    if middle in (first, last):
        first, middle, last = map(short_offset_text, instants)
    if room < 24:
        return first
    return f"{first}{middle:^{room - len(first) - len(last)}}{last}"


def _merge_steps(steps: list[tuple[int, ...]], together: int) -> list[tuple[int, ...]]:
    """Each `together` steps as one, so that every column stands for the same length of time."""
    return [
        tuple(map(sum, zip(*steps[i : i + together], strict=True)))
        for i in range(0, len(steps), together)
    ]


def _stretch_columns(columns: list[tuple[int, ...]], room: int) -> list[tuple[int, ...]]:
    return [columns[i * len(columns) // room] for i in range(room)]


def _stack_cells(column: Sequence[int], highest: int, height: int) -> list[Cell]:
    """The cells of one column from the bottom; a series that is there gets a cell at least."""
    total = sum(column)
    if not total:
        return []
    present = [i for i, n in enumerate(column) if n]
    tall = min(height, max(round(total / highest * height), len(present)))
    shares = dict.fromkeys(present, 1)
    for _ in range(tall - len(present)):
        # The next cell goes to the series that is furthest below its share.
        i = max(present, key=lambda i: column[i] / total * tall - shares[i])
        shares[i] += 1
    return [(_SERIES[i][2], _SERIES[i][3]) for i in present for _ in range(shares[i])]


def _legend(over_time: AttemptSeries) -> Text:
    text = row((" " * _GUTTER, p.PLAIN))
    for name, words, glyph, style in (*_SERIES, *_ROWS):
        if total := sum(getattr(over_time, name)):
            text.append(f"{glyph} ", style)
            text.append(f"{words} {total:,}  ", p.PLAIN)
    return text


def bar_rows(counted: Sequence[tuple[str, int]], width: int, label: int, style: str) -> list[Text]:
    """One bar for each count, the longest as long as there is room for."""
    most = max((n for _, n in counted), default=0)
    room = min(60, width - label - 12)
    rows = []
    for name, n in counted:
        length = max(1, round(n / most * room)) if n and most else 0
        text = row((cut(name, label), p.DIM), (f"{n:>9,}  ", p.PLAIN), ("█" * length, style))
        rows.append(fit(text, width))
    return rows
