"""`--fail-on 'p95>5m'`: a figure, a comparison and a value; when it holds, the run has failed."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final

from forge_emu.durations import exact_duration_text, read_duration
from forge_emu.errors import UserError
from forge_emu.simulate.plan.figures import Figure, RunOutcome, find_figure

OPERATORS: Final[dict[str, Callable[[float, float], bool]]] = {
    ">=": operator.ge,
    "<=": operator.le,
    "==": operator.eq,
    "!=": operator.ne,
    ">": operator.gt,
    "<": operator.lt,
}
_OPPOSITE: Final = {">=": "<", "<=": ">", "==": "!=", "!=": "==", ">": "<=", "<": ">="}
_FORM: Final = "Write a figure, one of > >= < <= == !=, and a value: dropped>0, p95>5m, dropped>1%."
NOT_JUDGED: Final = "interrupted before its end: the conditions were not judged"
_SPLIT = re.compile(r"\s*([^<>=!\s]+)\s*(>=|<=|==|!=|>|<)\s*(\S.*?)\s*")
_NUMBER = re.compile(r"\d{1,15}(?:\.\d{1,9})?")


@dataclass(frozen=True)
class FailCondition:
    """What must not hold at the end of a run. `bound` is in milliseconds for spans of time, and
    from 0 to 100 for a `share`. The text says all the rest."""

    text: str
    figure: Figure = field(compare=False)
    sign: str
    bound: float
    share: bool = False
    place: str = field(default="", compare=False)
    """File and line of the scenario it stands in; empty for the command line."""

    @property
    def requirement(self) -> str:
        """What must hold for the run to pass: `dropped>0` requires `dropped == 0`."""
        name, value = self.text.split(self.sign, 1)
        # No figure is below 0.
        opposite = "==" if self.sign == ">" and not self.bound else _OPPOSITE[self.sign]
        return f"{name} {opposite} {value}"

    def holds(self, value: float | None) -> bool:
        """Whether `value` meets it; a run without such a figure does not."""
        return value is not None and OPERATORS[self.sign](value, self.bound)

    def value_text(self, value: float | None) -> str:
        """`value` with its unit, as exact as the bound it stands beside."""
        if value is not None and self.share:
            return f"{value:.3g}%"
        if value is not None and self.figure.kind == "span":
            return exact_duration_text(round(value))
        return self.figure.value_text(value)


@dataclass(frozen=True)
class ConditionResult:
    """The result of a condition: the figure's value, and whether the condition holds."""

    condition: FailCondition
    value: float | None
    holds: bool


def parse_conditions(texts: Iterable[str]) -> tuple[FailCondition, ...]:
    """The conditions of `--fail-on`, each text holding one or, with commas, several.

    Raises UserError for the first one that makes no sense.
    """
    parts = [part.strip() for text in texts for part in text.split(",")]
    found = tuple(parse_condition(part) for part in parts)
    return tuple({c.text: c for c in found}.values())


def parse_condition(text: str, where: str = "--fail-on", place: str = "") -> FailCondition:
    """The condition that `text` writes at `place`. Raises UserError."""
    match = _SPLIT.fullmatch(text)
    if match is None:
        raise UserError(f"{where}: {text!r} is no condition", _FORM)
    name, sign, value = match.groups()
    figure = find_figure(name, where)
    shown = f"{name}{sign}{value}"
    if value.endswith("%"):
        if figure.whole is None:
            raise UserError(
                f"{where}: {figure.name} in {text!r} is not a part of anything",
                "Compare it with a span of time such as 5m."
                if figure.kind == "span"
                else "Compare it with a number.",
            )
        number = _number(value[:-1].strip(), text, where)
        return FailCondition(shown, figure, sign, number, share=True, place=place)
    if figure.kind == "span":
        span = read_duration(value)
        if span is None and value != "0":
            raise UserError(
                f"{where}: {value!r} in {text!r} is no span of time", "Write 500ms, 10s, 5m or 2h."
            )
        return FailCondition(shown, figure, sign, span or 0, place=place)
    return FailCondition(shown, figure, sign, _number(value, text, where), place=place)


def _number(value: str, text: str, where: str) -> float:
    if not _NUMBER.fullmatch(value):
        raise UserError(f"{where}: {value!r} in {text!r} is no number", _FORM)
    return float(value)


def evaluate_condition(condition: FailCondition, outcome: RunOutcome) -> ConditionResult:
    """The result of `condition` for a run."""
    value = condition.figure.read(outcome)
    if condition.share and value is not None:
        assert condition.figure.whole is not None
        whole = condition.figure.whole(outcome)
        value = 100 * value / whole if whole else None
    return ConditionResult(condition, value, condition.holds(value))
