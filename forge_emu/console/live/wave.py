"""Attempts over time, live: a line of blocks, or a picture where the screen is high."""

from __future__ import annotations

from rich.text import Text

from forge_emu.console import palette as p
from forge_emu.console.chart import attempts_chart, column_span, spark_line
from forge_emu.console.format import amount
from forge_emu.console.rows import fit, row, title
from forge_emu.durations import duration_text
from forge_emu.report.summary import AttemptSeries

_LEAST_ROWS = 22
"""A lower screen has no room for the line."""
_PICTURE_ROWS = 44
"""From this height on there is room for the picture."""
_PICTURE_HEIGHT = 4
_PEAK = 26
"""Columns of the words behind the line."""


def wave_rows(over_time: AttemptSeries | None, width: int, height: int) -> list[Text]:
    """What fits on a screen of `height` rows; nothing before the second attempt."""
    if over_time is None or height < _LEAST_ROWS:
        return []
    if sum(over_time.first) + sum(over_time.retries) < 2:
        return []
    if height >= _PICTURE_ROWS and width >= 60:
        note = f"a step is {column_span(over_time, width)}"
        picture = attempts_chart(over_time, width, height=_PICTURE_HEIGHT, stretch=False)
        return [title("Attempts over time", width, note), *picture]
    return [_line_row(over_time, width)]


def _line_row(over_time: AttemptSeries, width: int) -> Text:
    """` Attempts ▂▁▁█▁  peak 1,500 in 6.4 s`."""
    attempts = [a + b for a, b in zip(over_time.first, over_time.retries, strict=True)]
    head = row((" Attempts ", p.TITLE))
    room = max(4, width - head.cell_len - _PEAK)
    line, together, peak = spark_line(attempts, room)
    head.append(line, p.GOOD)
    span = duration_text(over_time.width_ms * together)
    return fit(head.append(f"  peak {amount(peak)} in {span}", p.DIM), width)
