"""Counts per queue, and bars of limited resources."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text

from forge_emu.console import palette as p
from forge_emu.console.format import amount, escape, plural
from forge_emu.console.rows import cut, fit, row, text_from_cells, title
from forge_emu.model import LimitUsage
from forge_emu.timeline.timeline import Timeline

# Column, its width, its colour where the number is not 0, and how late it is left out.
_COLUMNS: tuple[tuple[str, int, str, int], ...] = (
    ("scheduled", 10, p.PLAIN, 3),
    ("running", 8, p.ACCENT, 2),
    ("waiting", 8, p.RETRY, 5),
    ("succeeded", 10, p.GOOD, 4),
    ("dropped", 8, p.ALERT, 6),
    ("cancelled", 10, p.DIM, 1),
)
_NAME = 12


def queue_rows(timeline: Timeline, width: int, height: int) -> list[Text]:
    """Product events and each queue, at most `height` rows with the title."""
    columns = list(_COLUMNS)
    if width < 90 and not timeline.total.cancelled:
        columns = columns[:-1]
    if timeline.total.expired:
        columns.insert(5, ("expired", 8, p.ALERT, 7))
    while len(columns) > 1 and sum(c[1] for c in columns) + _NAME > width:
        columns.remove(min(columns, key=lambda c: c[3]))
    name_width = min(max(_NAME, width - sum(c[1] for c in columns)), 44)
    head = row((cut(" Queues", name_width), p.TITLE))
    for heading, column_width, _, _ in columns:
        head.append(f"{heading:>{column_width}}", p.DIM)
    products = timeline.products
    counted: list[tuple[str, object]] = [("product events", products)]
    counted += list(timeline.queues.items())
    room = max(1, height - 1)
    left_out = 0
    if len(counted) > room:
        # The busiest stay.
        busiest = sorted(timeline.queues.items(), key=lambda q: -q[1].pending)
        counted = [counted[0], *busiest[: max(0, room - 2)]]
        left_out = len(timeline.queues) - (len(counted) - 1)
    rows = [fit(head, width)]
    for name, counts in counted[:room]:
        text = row((" " + cut(escape(name), name_width - 1), p.PLAIN))
        for column, column_width, style, _ in columns:
            first = column == "scheduled" and counts is products
            n: int | None = getattr(counts, "queued" if first else column, None)
            shown = "" if n is None else f"{n:,}"
            text.append(f"{shown:>{column_width}}", style if n else p.DIM)
        rows.append(fit(text, width))
    if left_out and len(rows) < height:
        rows.append(fit(row((f" … and {plural(left_out, 'more queue')}", p.DIM)), width))
    return rows


def usage_rows(usage: Sequence[LimitUsage], width: int, height: int) -> list[Text]:
    """A bar for each limited resource, at most `height` rows with the title."""
    hits = sum(u.hits for u in usage)
    note = plural(hits, "hit") if hits else ""
    rows = [title("Limits", width, note, p.ALERT)]
    label = min(20, max((len(u.label) for u in usage), default=0) + 1)
    hits_width = 9 if hits and width >= 50 else 0
    room = max(0, height - 1)
    if len(usage) > room:
        # The fullest stay, in their order.
        fullest = sorted(usage, key=lambda u: (-u.hits, -u.used / u.limit if u.limit else 0))
        usage = [u for u in usage if u in fullest[:room]]
    return rows + [_usage_row(u, width, label, hits_width) for u in usage]


def _usage_row(usage: LimitUsage, width: int, label: int, hits_width: int) -> Text:
    share = usage.used / usage.limit if usage.limit else 0.0
    style = p.BAD if share >= 0.95 else p.RETRY if share >= 0.7 else p.GOOD
    text = row((" " + cut(escape(usage.label), label), p.PLAIN))
    limit = f"/{amount(usage.limit)}" if usage.limit is not None else ""
    # The label says what is counted; where it is narrow, the unit need only say how fast.
    unit = usage.unit if width >= 64 else "per " + usage.unit.partition("/")[2]
    figures = f"{amount(usage.used) + limit:>11} {cut(unit, 12 if width >= 64 else 7)}"
    peak = f"peak {cut(amount(usage.peak), 6)}"
    hits = f"{plural(usage.hits, 'hit') if usage.hits else '':>{hits_width}}"
    bar = width - label - 1 - len(figures) - len(hits) - 3
    with_peak = bar - len(peak) - 2 >= 14
    if with_peak:
        bar -= len(peak) + 2
    if bar >= 6:
        text.append_text(_usage_bar(usage, share, bar, style)).append(" ")
    text.append(figures, style if usage.limit else p.DIM)
    if with_peak:
        text.append("  " + peak, p.DIM)
    text.append(hits, p.ALERT)
    return fit(text, width)


def _usage_bar(usage: LimitUsage, share: float, width: int, style: str) -> Text:
    width = min(width, 40)
    if not usage.limit:
        return row((cut("no limit", width), p.DIM))
    full = min(width, round(share * width))
    if usage.used and not full:
        full = 1
    cells = [("█", style)] * full + [("░", p.DIM)] * (width - full)
    peak = min(width - 1, round(usage.peak / usage.limit * width))
    if usage.peak > usage.used and peak >= full:
        cells[peak] = ("▏", p.ACCENT)
    return text_from_cells(cells)
