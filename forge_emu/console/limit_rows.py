"""The use of limits, in the rows of a summary."""

from __future__ import annotations

from typing import Final

from rich.text import Text

from forge_emu.console import palette as p
from forge_emu.console.format import amount, escape
from forge_emu.console.rows import cut, fit, row, title
from forge_emu.report.summary import Summary

_LABEL: Final = 21


def limit_rows(summary: Summary, width: int) -> list[Text]:
    """Peak, mean and hits of each limit that was used."""
    rows = _table(summary, width, "")
    return [title("Limits", width), *rows] if rows else []


def brief_limit_rows(summary: Summary, width: int) -> list[Text]:
    """The same with the title in the head of the table."""
    return _table(summary, width, "limits")


def _table(summary: Summary, width: int, name: str) -> list[Text]:
    used = [u for u in summary.limits if u.peak or u.hits]
    if not used:
        return []
    head = row((cut(name, _LABEL), p.DIM))
    for column in ("peak", "mean", "limit"):
        head.append(f"{column:>10}", p.DIM)
    head.append("   " + cut("unit", 14) + f"{'hits':>8}", p.DIM)
    rows = [fit(head, width)]
    for usage in used:
        text = row((cut(escape(usage.label), _LABEL), p.PLAIN))
        full = usage.limit is not None and usage.peak >= usage.limit * 0.95
        text.append(f"{amount(usage.peak):>10}", p.BAD if full else p.PLAIN)
        # A limit of single keys has none.
        mean = "" if usage.peak and not usage.mean else amount(usage.mean)
        text.append(f"{mean:>10}", p.DIM)
        text.append(f"{'none' if usage.limit is None else amount(usage.limit):>10}", p.PLAIN)
        text.append(f"   {cut(usage.unit, 14)}", p.DIM)
        text.append(f"{usage.hits:>8,}", p.ALERT if usage.hits else p.DIM)
        rows.append(fit(text, width))
    return rows
