"""Several runs as a page: what came of the conditions, every figure, findings, and each run."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import Final

from msgspec import UNSET

from forge_emu.report.summary import Advice, ConditionVerdict
from forge_emu.simulate.plan.comparison import Column, Comparison, Row, json_field, range_text
from forge_emu.simulate.plan.figures import COMPARISON_FIGURES
from forge_emu.simulate.plan.verdicts import value_words

_STYLE: Final = """\
:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif; }
body { max-width: 75rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin-top: 2rem; }
pre { padding: .6rem .8rem; border: 1px solid; border-radius: 4px; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; }
th, td { padding: .2rem .8rem .2rem 0; text-align: right; white-space: nowrap; }
th:first-child, td:first-child { text-align: left; }
thead th { border-bottom: 1px solid; }
.bad { color: light-dark(#b3261e, #ff8a80); font-weight: 600; }
.good { color: light-dark(#1b6e32, #7bd88f); font-weight: 600; }
ul { padding-left: 1.2rem; } .marks { list-style: none; padding: 0; }
"""


def comparison_page(
    app: str,
    command: str,
    comparison: Comparison,
    advice: Sequence[Advice],
    again: str,
    events: Sequence[str] | None = None,
) -> bytes:
    """The page: one file without scripts. `advice`, `again` and `events` are of the run to look at
    first: the last are the texts of what is in its worst events, None where nothing is kept."""
    title = f"forge-emu simulate: {app}"
    parts = [
        f"<h1>{escape(title)}</h1>",
        _code_block("Command", command),
        _conditions(comparison),
        f"<h2>Figures</h2>\n{_figures(comparison)}",
        f"<p>{escape(comparison.verdict)}</p>" if comparison.verdict else "",
        _advice(advice),
        f"<h2>Runs</h2>\n{_runs(comparison)}",
        f"<h2>The worst run again</h2>\n{_code_block('Command of the worst run', again)}",
        "" if events is None else _events(events),
    ]
    body = "\n".join(part for part in parts if part)
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>\n{_STYLE}</style>\n</head>\n"
        f"<body>\n{body}\n</body>\n</html>\n"
    ).encode()


def _conditions(comparison: Comparison) -> str:
    verdicts = [] if comparison.conditions is UNSET else comparison.conditions
    if not verdicts:
        return ""
    failed = sum(not verdict.passed for verdict in verdicts)
    head = f"Failed: {failed} of {len(verdicts)} conditions" if failed else "Passed"
    lines = "\n".join(_verdict(verdict) for verdict in verdicts)
    kind = "bad" if failed else "good"
    return f'<h2 class="{kind}">{head}</h2>\n<ul class="marks">\n{lines}\n</ul>'


def _verdict(verdict: ConditionVerdict) -> str:
    if verdict.value is None:
        return f"<li>– <code>{escape(verdict.requires)}</code>: no run has this figure</li>"
    mark, kind = ("✓", "good") if verdict.passed else ("✗", "bad")
    words = escape(value_words(verdict))
    shown = f'<span class="{kind}">{mark}</span> <code>{escape(verdict.requires)}</code>: {words}'
    return f"<li>{shown}</li>"


def _figures(comparison: Comparison) -> str:
    columns = comparison.columns
    if comparison.name is None:
        ranges = ("min", "median", "max")
        return _table(("", *ranges), (_ranks(name, columns[0]) for name in COMPARISON_FIGURES))
    heads = (comparison.name, *(column.value or "" for column in columns))
    rows = (
        (name, *(range_text(name, column.figures[json_field(name)]) for column in columns))
        for name in COMPARISON_FIGURES
    )
    return _table(heads, rows)


def _ranks(name: str, column: Column) -> tuple[str, ...]:
    figures = column.figures[json_field(name)]
    text = COMPARISON_FIGURES[name].value_text
    return name, *(text(value) for value in (figures.min, figures.median, figures.max))


def _advice(advice: Sequence[Advice]) -> str:
    if not advice:
        return ""
    lines = "\n".join(
        f"<li>{escape(each.message)}"
        + "".join(f" <code>{escape(place)}</code>" for place in each.places)
        + "</li>"
        for each in advice
    )
    return f"<h2>Advice from the worst run</h2>\n<ul>\n{lines}\n</ul>"


def _events(texts: Sequence[str]) -> str:
    title = "<h2>Events of the worst run</h2>"
    if not texts:
        return f"{title}\n<p>It has none of which anything is kept.</p>"
    words = "<p>Lost ones first, then those with the most attempts.</p>"
    shown = (
        f"<details><summary>{escape(text.partition(chr(10))[0])}</summary>\n"
        f"{_code_block('What is in the event', text)}</details>"
        for text in texts
    )
    return "\n".join((title, words, *shown))


def _runs(comparison: Comparison) -> str:
    named = [comparison.name] if comparison.name else []
    heads = ("seed", *named, *COMPARISON_FIGURES, "failed")
    return _table(heads, (_run(row, has_value=bool(named)) for row in comparison.runs))


def _run(row: Row, *, has_value: bool) -> tuple[str, ...]:
    values = (
        figure.value_text(row.figures[json_field(name)])
        for name, figure in COMPARISON_FIGURES.items()
    )
    swept = (row.value or "",) if has_value else ()
    return str(row.seed), *swept, *values, ", ".join(row.failed)


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    head = "".join(f"<th>{escape(text)}</th>" for text in heads)
    body = "\n".join(
        "<tr>" + "".join(f"<td>{escape(text)}</td>" for text in row) + "</tr>" for row in rows
    )
    table = f"<table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody>\n</table>"
    return f'<div class="scroll" tabindex="0">\n{table}\n</div>'


def _code_block(label: str, text: str) -> str:
    return f'<pre tabindex="0" aria-label="{escape(label)}">{escape(text)}</pre>'
