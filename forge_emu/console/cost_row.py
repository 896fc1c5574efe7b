"""What a run is billed, in a row of its summary."""

from __future__ import annotations

from typing import Final

from rich.text import Text

from forge_emu.console import palette as p
from forge_emu.console.rows import cut, fit, row
from forge_emu.report.cost_figures import CostFigures
from forge_emu.report.format import usd_text
from forge_emu.report.summary import Summary

_LABEL: Final = 18
"""Width of the names before the rows of a summary."""


def cost_rows(summary: Summary, width: int) -> list[Text]:
    """What it costs, and what of it for retries; nothing where nothing is billed."""
    cost = summary.cost
    if not isinstance(cost, CostFigures):
        return []
    words = usd_text(cost.usd)
    if cost.retries_usd:
        words += f", of it retries {usd_text(cost.retries_usd)}"
    about = " (estimate, nothing free)"
    return [fit(row((cut("cost", _LABEL), p.DIM), (words, p.PLAIN), (about, p.DIM)), width)]
