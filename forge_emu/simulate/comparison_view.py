"""Several runs side by side: a row per figure, a column per value or per rank among the seeds."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from forge_emu.console import palette as p
from forge_emu.console.format import escape
from forge_emu.console.rows import title
from forge_emu.simulate.plan.comparison import Column, Comparison, Range, json_field
from forge_emu.simulate.plan.figures import COMPARISON_FIGURES

_LOSSES = ("dropped", "expired", "pending")
_ONLY_WHERE_SOME = ("expired", "cost", "cost.retries")
"""Figures that have a row only where some run has more than 0."""


def render_comparison(comparison: Comparison, width: int) -> RenderableType:
    """The comparison for a terminal of `width` columns."""
    width = min(max(40, width), 160)
    columns = comparison.columns
    seeds = columns[0].seeds
    runs = "seed " + str(seeds[0]) if len(seeds) == 1 else f"seeds {seeds[0]} to {seeds[-1]}"
    name = escape(comparison.name) if comparison.name else "Seeds"
    table = _of_values(comparison) if comparison.name else _of_seeds(columns[0])
    parts: list[RenderableType] = [title(name, width, runs), Text(), table]
    if comparison.verdict:
        parts += [Text(), Text(escape(comparison.verdict), p.GOOD if comparison.best else p.ALERT)]
    return Group(*parts)


def _of_seeds(column: Column) -> Table:
    table = _table("min", "median", "max")
    for name in _shown_figures([column]):
        ranges = column.figures[json_field(name)]
        cells = (ranges.min, ranges.median, ranges.max)
        table.add_row(name, *(_cell(name, value) for value in cells))
    table.add_row("worst seed", "", "", str(column.worst_seed), style=p.DIM)
    return table


def _of_values(comparison: Comparison) -> Table:
    columns = comparison.columns
    table = _table(*(escape(column.value or "") for column in columns))
    for name in _shown_figures(columns):
        ranges = [column.figures[json_field(name)] for column in columns]
        table.add_row(name, *(_range(name, each) for each in ranges))
    if len(columns[0].seeds) > 1:
        table.add_row("worst seed", *(str(c.worst_seed) for c in columns), style=p.DIM)
    if any(column.failed_seeds for column in columns):
        failed = (f"{len(c.failed_seeds)} of {len(c.seeds)}" for c in columns)
        table.add_row("failed", *failed, style=p.BAD)
    return table


def _shown_figures(columns: list[Column]) -> list[str]:
    """The figures with a row."""
    return [
        name
        for name in COMPARISON_FIGURES
        if name not in _ONLY_WHERE_SOME or any(c.figures[json_field(name)].max for c in columns)
    ]


def _table(*heads: str) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 1), header_style=p.DIM)
    table.add_column("", style=p.TITLE)
    for head in heads:
        table.add_column(head, justify="right", overflow="fold")
    return table


def _range(name: str, figures: Range) -> Text:
    """The median, and what lies around it where the seeds differ."""
    text = _cell(name, figures.median)
    if figures.min != figures.max:
        value_text = COMPARISON_FIGURES[name].value_text
        around = f"{value_text(figures.min)} to {value_text(figures.max)}"
        text.append(f" ({around})", p.DIM)
    return text


def _cell(name: str, value: float | None) -> Text:
    shown = "-" if value is None else COMPARISON_FIGURES[name].value_text(value)
    return Text(shown, p.ALERT if name in _LOSSES and value else p.PLAIN)
