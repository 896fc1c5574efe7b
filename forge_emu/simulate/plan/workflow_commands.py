"""What GitHub Actions shows of a simulation, as text: annotations, and the summary of the job.

The form of annotations:
docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands, 2026-11-29.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final, Literal

import msgspec

from forge_emu.errors import Problem
from forge_emu.report.summary import Advice, ConditionVerdict, ErrorFigure
from forge_emu.simulate.plan.comparison import Comparison, json_field, range_text
from forge_emu.simulate.plan.figures import COMPARISON_FIGURES
from forge_emu.simulate.plan.verdicts import value_words

MOST_ANNOTATIONS: Final = 10
"""GitHub shows so many of each level for a step, and leaves out the others."""

_MOST_CHARACTERS: Final = 2_000
_MARKS: Final = {True: "✅", False: "❌"}


class Annotation(msgspec.Struct, frozen=True):
    """A message at a place. `file` is relative to the app or the folder of the command, empty where
    no place is known; `line` 0 is the file as a whole."""

    level: Literal["error", "warning"]
    title: str
    message: str
    file: str = ""
    line: int = 0


def annotation_at(
    level: Literal["error", "warning"], title: str, message: str, place: str
) -> Annotation:
    """The same from a place such as `src/index.js:3`."""
    file, _, line = place.rpartition(":")
    if not line.isdecimal():
        return Annotation(level, title, message, place)
    return Annotation(level, title, message, file, int(line))


def annotations_of_findings(
    advice: Sequence[Advice], errors: Sequence[ErrorFigure], problems: Sequence[Problem]
) -> list[Annotation]:
    """Warnings: findings, errors of handlers, and problems of the app, each at its first place."""
    found = [
        annotation_at("warning", f"forge-emu: {a.rule}", a.message, (a.places or [""])[0])
        for a in advice
    ]
    told = {place for finding in advice for place in finding.places}
    found += [
        annotation_at(
            "warning", f"forge-emu: {e.name}", f"{e.name}: {e.message} ({e.count} times)", e.place
        )
        for e in errors
        if e.place and e.place not in told
    ]
    return found + annotations_of_problems(problems)


def annotations_of_problems(problems: Iterable[Problem]) -> list[Annotation]:
    """Problems of a manifest, a scenario or the app's code."""
    return [
        Annotation(
            p.severity,
            f"forge-emu: {p.rule}",
            f"{p.message}. {p.hint}" if p.hint else p.message,
            p.file,
            p.line,
        )
        for p in problems
    ]


def shown_annotations(annotations: Iterable[Annotation]) -> list[Annotation]:
    """Those that GitHub shows: the first ones of each level."""
    counts = {"error": 0, "warning": 0}
    shown = []
    for each in annotations:
        counts[each.level] += 1
        if counts[each.level] <= MOST_ANNOTATIONS:
            shown.append(each)
    return shown


def workflow_command(annotation: Annotation, file: str) -> str:
    """`::error file=src/index.js,line=3,title=…::message`; `file` as the repository has it."""
    properties = {
        "file": file,
        "line": str(annotation.line) if file and annotation.line else "",
        "title": annotation.title,
    }
    given = ",".join(f"{name}={_property(text)}" for name, text in properties.items() if text)
    return f"::{annotation.level} {given}::{_data(annotation.message[:_MOST_CHARACTERS])}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def job_summary(
    app: str,
    comparison: Comparison,
    verdicts: Sequence[ConditionVerdict],
    advice: Sequence[Advice],
    again: str,
) -> str:
    """The summary in Markdown: conditions, figures, findings, and the command `again`."""
    parts = [f"### forge-emu simulate: {_cell(app)}"]
    if verdicts:
        parts.append(_table(("", "condition", "value"), [_verdict_row(v) for v in verdicts]))
    parts.append(_figures_table(comparison))
    if advice:
        lines = [_finding(each) for each in advice[:MOST_ANNOTATIONS]]
        parts.append("\n".join(["**Advice**", "", *lines]))
    parts.append(f"Again:\n\n{_code_block(again)}")
    return "\n\n".join(parts) + "\n\n"


def _verdict_row(verdict: ConditionVerdict) -> tuple[str, str, str]:
    if verdict.value is None:
        return "–", _code(verdict.requires), "no run has this figure"
    return _MARKS[verdict.passed], _code(verdict.requires), value_words(verdict)


def _figures_table(comparison: Comparison) -> str:
    """A row for each figure, a column for each value of the sweep."""
    heads = [
        _cell(comparison.name or "figure"),
        *(_cell(column.value or "value") for column in comparison.columns),
    ]
    rows = [
        (figure, *(range_text(figure, c.figures[json_field(figure)]) for c in comparison.columns))
        for figure in COMPARISON_FIGURES
    ]
    return _table(heads, rows)


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _finding(advice: Advice) -> str:
    places = ", ".join(_code(place) for place in advice.places)
    # Between backticks is code, which is shown as it is.
    parts = advice.message[:_MOST_CHARACTERS].split("`")
    words = [_code(part) if n % 2 and n + 1 < len(parts) else part for n, part in enumerate(parts)]
    shown = "".join(word if word.startswith("`") else _cell(word) for word in words)
    return f"- {shown}{f' ({places})' if places else ''}"


def _cell(text: str) -> str:
    """Text of an app, which is neither a column nor markup."""
    shown = text.replace("&", "&amp;").replace("<", "&lt;").replace("|", "&#124;")
    return re.sub(r"\s+", " ", shown)


def _code(text: str) -> str:
    shown = re.sub(r"\s+", " ", text.replace("`", "'")).replace("|", "\\|")
    return f"`{shown}`"


def _code_block(text: str) -> str:
    fence = "```"
    while fence in text:
        fence += "`"
    return f"{fence}\n{text}\n{fence}"
