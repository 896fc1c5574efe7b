"""What happened how often, in the rows of a summary."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from rich.text import Text

from forge_emu.console import palette as p
from forge_emu.console.cost_row import cost_rows
from forge_emu.console.format import escape
from forge_emu.console.rows import cut, fit, row, title
from forge_emu.report.summary import Summary

_LABEL: Final = 18
_MOST_NAMES: Final = 6
"""Of each kind of count."""

_TOGETHER: Final = {"asked for by": "retries", "log lines": "invocations"}
"""What stands on the row of another kind of count in the brief form."""


class _Counts(NamedTuple):
    label: str
    by_name: Mapping[str, int]
    style: str

    def most(self) -> list[tuple[str, int]]:
        return list(self.by_name.items())[:_MOST_NAMES]


def count_rows(summary: Summary, width: int) -> list[Text]:
    """Retries, refusals, deferrals, drops: a row for each reason."""
    rows = []
    for counts in _counted(summary):
        for i, (name, n) in enumerate(counts.most()):
            label = counts.label if i == 0 else ""
            text = row((cut(label, _LABEL), p.DIM), (f"{n:>9,}  ", counts.style))
            text.append(escape(name), p.PLAIN)
            rows.append(fit(text, width))
    return [title("What happened", width), *rows, *cost_rows(summary, width)] if rows else []


def brief_count_rows(summary: Summary, width: int) -> list[Text]:
    """The same with the reasons of a kind on one row: `retries  1,141 REASON, 3 OTHER`."""
    rows: dict[str, Text] = {}
    for counts in _counted(summary):
        if not counts.by_name:
            continue
        words = _brief_words(counts)
        first = rows.get(_TOGETHER.get(counts.label, ""))
        joined = f"; {counts.label}: "
        if first is not None and first.cell_len + len(joined) + words.cell_len <= width:
            first.append(joined, p.DIM).append_text(words)
        else:
            rows[counts.label] = row((cut(counts.label, _LABEL), p.DIM)).append_text(words)
    return [fit(text, width) for text in rows.values()] + cost_rows(summary, width)


def _brief_words(counts: _Counts) -> Text:
    words = row()
    for i, (name, n) in enumerate(counts.most()):
        words.append(f"{', ' if i else ''}{n:,}", counts.style).append(f" {escape(name)}", p.PLAIN)
    return words


def _counted(summary: Summary) -> tuple[_Counts, ...]:
    duplicates = {"deliveries": summary.duplicates} if summary.duplicates else {}
    return (
        _Counts("retries", summary.retries.by_reason, p.RETRY),
        _Counts("asked for by", summary.retries.by_asked_by, p.RETRY),
        _Counts("pushes refused", summary.refusals.push, p.ALERT),
        _Counts("store refused", summary.refusals.kvs, p.ALERT),
        _Counts("keys of batches", summary.refusals.kvs_keys, p.ALERT),
        _Counts("requests refused", summary.refusals.requests, p.ALERT),
        _Counts("deferred by", summary.deferrals, p.LIMIT),
        _Counts("dropped", summary.drops, p.ALERT),
        _Counts("product ev. drop", summary.product_event_drops, p.ALERT),
        _Counts("faults", summary.faults, p.LIMIT),
        _Counts("duplicates", duplicates, p.LIMIT),
        _Counts("invocations", summary.invocations, p.PLAIN),
        _Counts("log lines", summary.logs, p.DIM),
    )
