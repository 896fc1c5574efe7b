"""Conditions on attributes of custom entities: of queries, and of transactions.

https://developer.atlassian.com/platform/forge/storage-reference/entities-api-query/ (2026-08-21).
An attribute that is not there meets NOT_EXISTS and what is negative, and nothing else; so does one
of a value that does not exist, of which the documents say nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, NamedTuple, NoReturn

from forge_emu import settings as s
from forge_emu.engine.kvs import rules
from forge_emu.engine.kvs.entities import Entity
from forge_emu.engine.kvs.entity_rules import is_of_type
from forge_emu.errors import Fault
from forge_emu.model import Json
from forge_emu.settings.refusals import KVS_CONDITION

_TEXT: Final = ("string",)
_ORDERED: Final = ("string", "integer", "float")
_PLAIN: Final = ("string", "integer", "float", "boolean")
_COMPARE: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "EQUAL_TO": lambda a, b: bool(a == b),
    "GREATER_THAN": lambda a, b: bool(a > b),
    "GREATER_THAN_EQUAL_TO": lambda a, b: bool(a >= b),
    "LESS_THAN": lambda a, b: bool(a < b),
    "LESS_THAN_EQUAL_TO": lambda a, b: bool(a <= b),
    "BEGINS_WITH": lambda a, b: bool(a.startswith(b)),
    "CONTAINS": lambda a, b: b in a,
}
_NEGATIVE: Final = {"NOT_EQUAL_TO": "EQUAL_TO", "NOT_CONTAINS": "CONTAINS"}
RANGE: Final = {
    "BEGINS_WITH": _TEXT,
    "BETWEEN": _ORDERED,
    "EQUAL_TO": _PLAIN,
    "GREATER_THAN": _ORDERED,
    "GREATER_THAN_EQUAL_TO": _ORDERED,
    "LESS_THAN": _ORDERED,
    "LESS_THAN_EQUAL_TO": _ORDERED,
}
"""Conditions of a range, and the types of attributes that each goes with."""

FILTERS: Final = {
    **RANGE,
    "NOT_EQUAL_TO": _PLAIN,
    "EXISTS": _PLAIN,
    "NOT_EXISTS": _PLAIN,
    "CONTAINS": _TEXT,
    "NOT_CONTAINS": _TEXT,
}
"""The same of filters and of the conditions of transactions."""


class EntityCondition(NamedTuple):
    """One condition on one attribute."""

    attribute: str
    operator: str
    values: Sequence[Json]

    def matches(self, attributes: Mapping[str, Json]) -> bool:
        """Whether a value with these attributes meets it."""
        there = self.attribute in attributes
        if self.operator in ("EXISTS", "NOT_EXISTS"):
            return there is (self.operator == "EXISTS")
        return (
            self.matches_value(attributes[self.attribute]) if there else self.operator in _NEGATIVE
        )

    def matches_value(self, value: Json) -> bool:
        """Whether this value of the attribute meets it. One of another type meets nothing."""
        first = self.values[0]
        if _value_type(value) is not _value_type(first):
            return self.operator in _NEGATIVE
        if self.operator == "BETWEEN":
            return bool(first <= value <= self.values[1])
        if self.operator in _NEGATIVE:
            return not _COMPARE[_NEGATIVE[self.operator]](value, first)
        return _COMPARE[self.operator](value, first)


class EntityFilter(NamedTuple):
    """Conditions of which all have to be met, or one."""

    conditions: Sequence[EntityCondition] = ()
    match_any: bool = False

    def matches(self, attributes: Mapping[str, Json]) -> bool:
        """Whether a value with these attributes meets it; no conditions are met by all."""
        if not self.conditions:
            return True
        met = (condition.matches(attributes) for condition in self.conditions)
        return any(met) if self.match_any else all(met)


def read_filter(asked: Json, entity: Entity, settings: s.Settings) -> EntityFilter:
    """`{and: [...]}` or `{or: [...]}`. Raises Fault (400, 422)."""
    if asked is None:
        return EntityFilter()
    if not isinstance(asked, dict) or set(asked) - {"and", "or"}:
        _refuse_condition(
            f"A filter is an object with `and` or `or`, not {rules.short_json(asked)}."
        )
    if len(asked) == 2:
        rules.refuse(
            "INVALID_FILTER_OPERATORS_COMBINATION",
            "A filter has `and` or `or`, not both.",
            KVS_CONDITION,
        )
    (operator, clauses) = next(iter(asked.items()), ("and", None))
    if not isinstance(clauses, list) or not clauses:
        rules.refuse("EMPTY_FILTER_OPERATOR", f"`{operator}` holds no conditions.", KVS_CONDITION)
    most = settings[s.KVS_CONDITIONS]
    if most is not None and len(clauses) > most:
        message = f"There are {len(clauses)} conditions; at most {most} are allowed."
        rules.refuse("INVALID_FILTER_CONDITION", message, s.KVS_CONDITIONS)
    conditions = [_attribute_condition(clause, entity) for clause in clauses]
    return EntityFilter(conditions, operator == "or")


def read_condition(
    clause: Mapping[str, Json], attribute: str, entity: Entity, words: Mapping[str, Sequence[str]]
) -> EntityCondition:
    """`{condition, values}` on an attribute. Raises Fault (400, 422)."""
    word, values = clause.get("condition"), clause.get("values")
    kind = entity.type_of(attribute)
    if kind == "any":
        message = f"The attribute {attribute!r} is of the type any, which conditions cannot use."
        body = {"code": "UNPROCESSABLE_ENTITY", "message": message}
        raise Fault(422, body, limit=KVS_CONDITION.name)
    if not isinstance(word, str) or word not in words:
        _refuse_condition(
            f"There is no condition {rules.short_json(word)} here; there are {', '.join(words)}."
        )
    if kind is None or kind not in words[word]:
        _refuse_condition(
            f"{word} goes with {' or '.join(words[word])}, and {attribute!r} has the type {kind}."
        )
    wanted = 2 if word == "BETWEEN" else 1
    if not isinstance(values, list) or len(values) < wanted:
        code = "INSUFFICIENT_FILTER_VALUES" if wanted == 2 else "INVALID_FILTER_VALUES"
        rules.refuse(
            code, f"{word} needs {wanted} values, not {_values_text(values)}.", KVS_CONDITION
        )
    fits = word in ("EXISTS", "NOT_EXISTS") or all(_fits_type(value, kind) for value in values)
    if len(values) > wanted or not fits:
        rules.refuse(
            "INVALID_FILTER_VALUES",
            f"{word} takes {wanted} of the type {kind}, not {_values_text(values)}.",
            KVS_CONDITION,
        )
    return EntityCondition(attribute, word, values)


def _attribute_condition(clause: Json, entity: Entity) -> EntityCondition:
    if not isinstance(clause, dict):
        _refuse_condition(f"A condition is an object, not {rules.short_json(clause)}.")
    attribute = clause.get("property")
    if not isinstance(attribute, str) or attribute not in entity.attributes:
        known = ", ".join(entity.attributes)
        rules.refuse(
            "INVALID_ENTITY_ATTRIBUTE",
            f"The entity {entity.name!r} has no attribute {rules.short_json(attribute)}; it has "
            f"{known or 'none'}.",
            KVS_CONDITION,
        )
    return read_condition(clause, attribute, entity, FILTERS)


def _fits_type(value: Json, kind: str) -> bool:
    """Any number fits a number: 2.5 is a bound of integers, too."""
    return is_of_type(value, "float" if kind == "integer" else kind)


def _value_type(value: Json) -> type:
    return float if isinstance(value, int) and not isinstance(value, bool) else type(value)


def _values_text(values: Json) -> str:
    return rules.short_json(values)


def _refuse_condition(message: str) -> NoReturn:
    rules.refuse("INVALID_FILTER_CONDITION", message, KVS_CONDITION)
