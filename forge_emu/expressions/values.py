"""Values while an expression is evaluated: plain JSON values, functions and regular expressions."""

from __future__ import annotations

import math
from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from forge_emu.expressions.regexp import RegExp

Value: TypeAlias = Any
"""None, bool, int, float, str, list, dict, a Function, a Pattern or a Thing."""


@dataclass(frozen=True, slots=True)
class Function:
    """An arrow function, or a method with the value that it belongs to."""

    call: Callable[[list[Value]], Value]
    parameters: int | None = None


@dataclass(frozen=True, slots=True)
class Pattern:
    """A regular expression; `everywhere` where it has the flag `g`."""

    compiled: RegExp
    everywhere: bool


@dataclass(frozen=True, slots=True, eq=False)
class Thing:
    """A thing of a product, such as an Issue; two are equal if type and `identity` are.

    `members` make the values of its names when they are asked for, `shown` makes its JSON form.
    `unbuilt` are further names that the platform has, None for all others. A name for which
    `is_nullable` holds is null where there is nothing.
    """

    type: str
    identity: str
    members: Mapping[str, Callable[[], Value]]
    shown: Callable[[], Any]
    unbuilt: Container[str] | None = frozenset()
    is_nullable: Callable[[str], bool] = lambda name: False

    def lacks(self, name: str) -> bool:
        """Whether the platform has this name, and this emulator does not."""
        return self.unbuilt is None or name in self.unbuilt


def type_name(value: Value) -> str:
    """The name of the type of `value` in Jira expressions."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "Boolean"
    if isinstance(value, int | float):
        return "Number"
    if isinstance(value, Thing):
        return value.type
    names = {str: "String", list: "List", dict: "Map", Function: "Function", Pattern: "RegExp"}
    return names[type(value)]


def is_number(value: Value) -> bool:
    """Whether `value` is a Number."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def is_truthy(value: Value) -> bool:
    """Whether `value` counts as true, as in JavaScript."""
    if is_number(value):
        return not (value == 0 or math.isnan(value))
    return value is not None and value is not False and value != ""


def is_equal(left: Value, right: Value) -> bool:
    """Whether two values are of one type and equal; lists and maps are compared by content."""
    if type_name(left) != type_name(right):
        return False
    if isinstance(left, list):
        return len(left) == len(right) and all(map(is_equal, left, right))
    if isinstance(left, dict):
        return left.keys() == right.keys() and all(is_equal(left[k], right[k]) for k in left)
    if isinstance(left, Thing):
        return bool(left.identity == right.identity)
    return bool(left == right)


def to_text(value: Value) -> str | None:
    """`value` as part of a text; None where it has no text form."""
    if isinstance(value, str):
        return value
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if is_number(value):
        return number_text(value)
    if isinstance(value, list):
        parts = [to_text(item) for item in value]
        return None if None in parts else ",".join(part or "" for part in parts)
    return None


def number_text(value: float) -> str:
    """A number as JavaScript writes it, where it is not very large or small."""
    if isinstance(value, int):
        return str(value)
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    return str(int(value)) if value.is_integer() and abs(value) < 1e21 else repr(value)
