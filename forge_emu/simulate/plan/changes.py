"""What differs between two simulations of an app: figures, conditions, findings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from msgspec import UNSET

from forge_emu.report.summary import Advice, ConditionVerdict
from forge_emu.simulate.plan.comparison import Column, Comparison, json_field, range_text
from forge_emu.simulate.plan.figures import COMPARISON_FIGURES


@dataclass(frozen=True)
class Played:
    """The results of a simulation: all runs side by side, and the findings of the worst."""

    comparison: Comparison
    advice: Sequence[Advice]


def change_lines(before: Played, now: Played) -> list[str]:
    """A line for each figure, condition and finding that is not as it was; none where all is."""
    return [
        *_figure_lines(before.comparison, now.comparison),
        *_condition_lines(before.comparison, now.comparison),
        *(f"new: {_finding(each)}" for each in _others(now.advice, before.advice)),
        *(f"gone: {_finding(each)}" for each in _others(before.advice, now.advice)),
    ]


def _figure_lines(before: Comparison, now: Comparison) -> list[str]:
    known = {column.value: column for column in before.columns}
    lines = []
    for column in now.columns:
        if (old := known.get(column.value)) is not None:
            of = "" if column.value is None else f"{now.name}={column.value}: "
            lines += [of + line for line in _column_lines(old, column)]
    return lines


def _column_lines(before: Column, now: Column) -> list[str]:
    texts = {
        name: tuple(range_text(name, column.figures[json_field(name)]) for column in (before, now))
        for name in COMPARISON_FIGURES
    }
    width = max((len(name) for name, (old, new) in texts.items() if old != new), default=0)
    return [f"{name:<{width}}  {old} → {new}" for name, (old, new) in texts.items() if old != new]


def _condition_lines(before: Comparison, now: Comparison) -> list[str]:
    known = {verdict.condition: _mark(verdict) for verdict in _verdicts(before)}
    return [
        f"{known[verdict.condition]} → {_mark(verdict)}  {verdict.requires}"
        for verdict in _verdicts(now)
        if known.get(verdict.condition, _mark(verdict)) != _mark(verdict)
    ]


def _verdicts(comparison: Comparison) -> Sequence[ConditionVerdict]:
    return () if comparison.conditions is UNSET else comparison.conditions


def _mark(verdict: ConditionVerdict) -> str:
    if verdict.value is None:
        return "–"
    return "✓" if verdict.passed else "✗"


def _others(ours: Sequence[Advice], theirs: Sequence[Advice]) -> list[Advice]:
    """The findings of ours that theirs has not. Numbers and lines in them may differ."""
    known = {_key(each) for each in theirs}
    return [each for each in ours if _key(each) not in known]


def _key(advice: Advice) -> tuple[object, ...]:
    words = (value for value in advice.detail.values() if isinstance(value, str))
    return advice.rule, *words


def _finding(advice: Advice) -> str:
    places = f" ({', '.join(advice.places)})" if advice.places else ""
    return f"{advice.rule}: {advice.message}{places}"
