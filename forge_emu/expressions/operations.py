"""Operators between two values, and the function Number.

https://developer.atlassian.com/cloud/jira/platform/jira-expressions/ (2026-05-18)
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Final

from forge_emu.expressions.errors import EvaluationError, StepLimitError
from forge_emu.expressions.values import (
    Function,
    Value,
    is_equal,
    is_number,
    to_text,
    type_name,
)

_COMPARISONS: Final[dict[str, Callable[[Value, Value], bool]]] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip
_OPERATIONS: Final[dict[str, Callable[[float, float], float]]] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv,
    "%": math.fmod,
}  # fmt: skip
_LONGEST_TEXT: Final = 1_000_000
"""Characters; events have less, and texts that grow in a loop must not take the memory."""


def operate(sign: str, left: Value, right: Value) -> Value:
    """What `left sign right` gives; raises EvaluationError for types that do not fit."""
    if sign in ("==", "!="):
        return is_equal(left, right) is (sign == "==")
    numbers = is_number(left) and is_number(right)
    if sign in _COMPARISONS:
        if not numbers and not (isinstance(left, str) and isinstance(right, str)):
            raise EvaluationError(f"Can't compare {type_name(left)} to {type_name(right)}.")
        return _COMPARISONS[sign](left, right)
    if numbers:
        return _calculate(sign, left, right)
    if sign == "+" and (isinstance(left, str) or isinstance(right, str)):
        texts = (to_text(left), to_text(right))
        if texts[0] is not None and texts[1] is not None:
            return checked_text(texts[0] + texts[1])
    raise EvaluationError(f"Can't use {sign} on {type_name(left)} and {type_name(right)}")


def checked_text(text: str) -> str:
    """`text`, if it is not too long; `catch` does not see the error."""
    if len(text) > _LONGEST_TEXT:
        raise StepLimitError(f"a text of more than {_LONGEST_TEXT:,} characters")
    return text


def _calculate(sign: str, left: float, right: float) -> float:
    """As 64-bit numbers: a division by zero gives an infinity, or no number."""
    try:
        result = _OPERATIONS[sign](float(left), float(right))
    except (ZeroDivisionError, ValueError):
        return math.nan if sign == "%" or not left else math.copysign(math.inf, left)
    except OverflowError:
        return math.inf
    return int(result) if result.is_integer() and abs(result) < 2**53 else result


def _number(arguments: list[Value]) -> Value:
    given = arguments[0] if arguments else 0
    if isinstance(given, str):
        try:
            return float(given.strip() or 0)
        except ValueError:
            return math.nan
    if given is None or isinstance(given, bool):
        return int(given or 0)
    return given if is_number(given) else math.nan


NUMBER: Final = Function(_number, 1)
