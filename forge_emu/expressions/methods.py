"""Properties and methods of texts, lists and maps.

https://developer.atlassian.com/cloud/jira/platform/jira-expressions-type-reference/: texts and
lists as in JavaScript. What a name here does not know is an error, as on the platform.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Final, TypeAlias

from forge_emu.expressions.errors import EvaluationError
from forge_emu.expressions.values import (
    Function,
    Pattern,
    Value,
    is_equal,
    is_number,
    is_truthy,
    to_text,
    type_name,
)

Step: TypeAlias = Callable[[], None]
_Method: TypeAlias = Callable[..., Value]

_NONE: Final = object()


def _text(value: Value, what: str) -> str:
    if not isinstance(value, str):
        raise EvaluationError(f"{what} needs a String, got {type_name(value)}")
    return value


def _whole(value: Value, what: str) -> int:
    if not is_number(value):
        raise EvaluationError(f"{what} needs a Number, got {type_name(value)}")
    return int(value) if abs(value) < 2**53 else (2**53 if value > 0 else -(2**53))


def _function(value: Value, what: str) -> Function:
    if not isinstance(value, Function):
        raise EvaluationError(f"{what} needs a function, got {type_name(value)}")
    return value


def _slice(value: Value, start: Value = 0, end: Value = _NONE) -> Value:
    upto = len(value) if end is _NONE else _whole(end, "slice")
    return value[slice(_whole(start, "slice"), upto)]


def _substring(value: str, start: Value = 0, end: Value = _NONE) -> str:
    first = max(_whole(start, "substring"), 0)
    last = len(value) if end is _NONE else max(_whole(end, "substring"), 0)
    return value[min(first, last) : max(first, last)]


def _split(value: str, separator: Value = _NONE) -> list[str]:
    if separator is _NONE:
        return [value]
    between = _text(separator, "split")
    return value.split(between) if between else list(value)


def _replace(value: str, searched: Value, replacement: Value) -> str:
    def new_text(found: str) -> str:
        if isinstance(replacement, Function):
            return to_text(replacement.call([found])) or ""
        return _text(replacement, "replace")

    if isinstance(searched, Pattern):
        return _replace_matches(value, searched, new_text)
    before, found, behind = value.partition(_text(searched, "replace"))
    return before + new_text(found) + behind if found or searched == "" else value


def _replace_matches(value: str, searched: Pattern, new_text: Callable[[str], str]) -> str:
    parts: list[str] = []
    at = 0
    for found in searched.compiled.find_all(value):
        parts += [value[at : found.start], new_text(found.texts[0] or "")]
        at = found.end
        if not searched.everywhere:
            break
    return "".join([*parts, value[at:]])


def _match(value: str, pattern: Value) -> Value:
    if not isinstance(pattern, Pattern):
        raise EvaluationError(f"match needs a regular expression, got {type_name(pattern)}")
    if pattern.everywhere:
        return [found.texts[0] for found in pattern.compiled.find_all(value)] or None
    found = pattern.compiled.search(value)
    return list(found.texts) if found else None


def _index_of(value: Value, searched: Value) -> int:
    if isinstance(value, str):
        return value.find(_text(searched, "indexOf"))
    return next((i for i, item in enumerate(value) if is_equal(item, searched)), -1)


def _includes(value: Value, searched: Value) -> bool:
    if isinstance(value, str):
        return _text(searched, "includes") in value
    return _index_of(value, searched) >= 0


def _with_items(name: str) -> Callable[[_Method], _Method]:
    """A method whose argument is a function that is called with items; each call is a step."""

    def decorate(method: _Method) -> _Method:
        @functools.wraps(method)
        def with_function(value: list[Value], function: Value, *rest: Value) -> Value:
            return method(value, _function(function, name).call, *rest)

        return with_function

    return decorate


_Each: TypeAlias = Callable[[list[Value]], Value]


@_with_items("map")
def _map(items: list[Value], each: _Each) -> list[Value]:
    return [each([item, i]) for i, item in enumerate(items)]


@_with_items("flatMap")
def _flat_map(items: list[Value], each: _Each) -> list[Value]:
    return _flatten([each([item, i]) for i, item in enumerate(items)])


@_with_items("filter")
def _filter(items: list[Value], each: _Each) -> list[Value]:
    return [item for i, item in enumerate(items) if is_truthy(each([item, i]))]


@_with_items("find")
def _find(items: list[Value], each: _Each) -> Value:
    return next((item for i, item in enumerate(items) if is_truthy(each([item, i]))), None)


@_with_items("some")
def _some(items: list[Value], each: _Each) -> bool:
    return any(is_truthy(each([item, i])) for i, item in enumerate(items))


@_with_items("every")
def _every(items: list[Value], each: _Each) -> bool:
    return all(is_truthy(each([item, i])) for i, item in enumerate(items))


@_with_items("reduce")
def _reduce(items: list[Value], each: _Each, start: Value = _NONE) -> Value:
    if start is _NONE:
        if not items:
            raise EvaluationError("reduce of an empty list needs a first value")
        start, items = items[0], items[1:]
    return functools.reduce(lambda result, item: each([result, item]), items, start)


@_with_items("sort")
def _sort(items: list[Value], each: _Each) -> list[Value]:
    return sorted(items, key=functools.cmp_to_key(lambda a, b: _whole(each([a, b]), "sort")))


def _flatten(items: list[Value]) -> list[Value]:
    return [x for item in items for x in (item if isinstance(item, list) else [item])]


def _concat(items: list[Value], *others: Value) -> list[Value]:
    return [*items, *_flatten(list(others))]


def _join(items: list[Value], separator: Value = ",") -> str:
    return _text(separator, "join").join(to_text(item) or "" for item in items)


METHODS: Final[dict[type, dict[str, _Method]]] = {
    str: {
        "trim": str.strip,
        "toLowerCase": str.lower,
        "toUpperCase": str.upper,
        "split": _split,
        "replace": _replace,
        "match": _match,
        "includes": _includes,
        "indexOf": _index_of,
        "startsWith": lambda value, start: value.startswith(_text(start, "startsWith")),
        "endsWith": lambda value, end: value.endswith(_text(end, "endsWith")),
        "slice": _slice,
        "substring": _substring,
    },
    list: {
        "map": _map,
        "flatMap": _flat_map,
        "filter": _filter,
        "find": _find,
        "some": _some,
        "every": _every,
        "reduce": _reduce,
        "sort": _sort,
        "flatten": _flatten,
        "concat": _concat,
        "join": _join,
        "slice": _slice,
        "includes": _includes,
        "indexOf": _index_of,
    },
    dict: {
        "get": lambda value, key: value.get(_text(key, "get")),
        "entries": lambda value: [[key, item] for key, item in value.items()],
    },
    Pattern: {
        "test": lambda value, text: value.compiled.search(_text(text, "test")) is not None,
    },
}
"""The methods of each type, by name."""


def method_of(value: Value, name: str, step: Step) -> Value | None:
    """The property or method `name` of `value`; None where its type has none.

    `step` is called once for every item of a list that a method goes over.
    """
    if name == "length" and isinstance(value, str | list):
        return len(value)
    method = METHODS.get(type(value), {}).get(name)
    if method is None:
        return None

    def call(arguments: list[Value]) -> Value:
        if isinstance(value, list):
            for _ in value:
                step()
        try:
            return method(value, *arguments)
        except TypeError:
            raise EvaluationError(f"{name} cannot be called with {_count(arguments)}") from None

    return Function(call)


def _count(arguments: list[Value]) -> str:
    kinds = ", ".join(map(type_name, arguments))
    return f"these arguments ({kinds})" if kinds else "no arguments"
