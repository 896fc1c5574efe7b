"""Conditions of queries and transactions, and filters that join them."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Self

from forge_emu.sdk.platform import Json

Clause = Mapping[str, Json]
"""A condition as the wire has it: its name and its values."""


class Sort(StrEnum):
    """The direction of a query's order."""

    ASC = "ASC"
    DESC = "DESC"


class WhereConditions:
    """What a query can ask of keys, or of the range of an index."""

    @staticmethod
    def begins_with(value: str) -> Clause:
        """Met by texts that begin with `value`."""
        return _clause("BEGINS_WITH", value)

    @staticmethod
    def between(first: Json, last: Json) -> Clause:
        """Met by values from `first` to `last`, both included."""
        return _clause("BETWEEN", first, last)

    @staticmethod
    def equal_to(value: Json) -> Clause:
        """Met by values that equal `value`."""
        return _clause("EQUAL_TO", value)

    @staticmethod
    def greater_than(value: Json) -> Clause:
        """Met by values that are greater than `value`."""
        return _clause("GREATER_THAN", value)

    @staticmethod
    def greater_than_equal_to(value: Json) -> Clause:
        """Met by values that are `value` or greater."""
        return _clause("GREATER_THAN_EQUAL_TO", value)

    @staticmethod
    def less_than(value: Json) -> Clause:
        """Met by values that are less than `value`."""
        return _clause("LESS_THAN", value)

    @staticmethod
    def less_than_equal_to(value: Json) -> Clause:
        """Met by values that are `value` or less."""
        return _clause("LESS_THAN_EQUAL_TO", value)


class FilterConditions(WhereConditions):
    """What a filter can ask of attributes."""

    @staticmethod
    def not_equal_to(value: Json) -> Clause:
        """Met by all values but `value`."""
        return _clause("NOT_EQUAL_TO", value)

    @staticmethod
    def exists() -> Clause:
        """Met where the value has the attribute."""
        return _clause("EXISTS", True)

    @staticmethod
    def not_exists() -> Clause:
        """Met where the value does not have the attribute."""
        return _clause("NOT_EXISTS", True)

    @staticmethod
    def contains(value: str) -> Clause:
        """Met by texts that contain `value`."""
        return _clause("CONTAINS", value)

    @staticmethod
    def not_contains(value: str) -> Clause:
        """Met by texts that do not contain `value`."""
        return _clause("NOT_CONTAINS", value)


class _ConditionGroup:
    """Conditions under one operator, which can no longer be mixed with the other."""

    def __init__(self, operator: str, attribute: str, condition: Clause) -> None:
        self._operator = operator
        self._clauses: list[Json] = []
        self._add(attribute, condition)

    def _add(self, attribute: str, condition: Clause) -> Self:
        self._clauses.append({"property": attribute, **condition})
        return self

    @property
    def wire(self) -> Json:
        """The filter as it is sent: `{"and": [...]}` or `{"or": [...]}`."""
        return {self._operator: self._clauses}


class AndFilter(_ConditionGroup):
    """Conditions that all have to be met."""

    def and_(self, attribute: str, condition: Clause) -> Self:
        """Add a condition on `attribute`, which has to be met too."""
        return self._add(attribute, condition)


class OrFilter(_ConditionGroup):
    """Conditions of which one has to be met."""

    def or_(self, attribute: str, condition: Clause) -> Self:
        """Add a condition on `attribute`, which is enough if it is met."""
        return self._add(attribute, condition)


class Filter:
    """A filter to be begun with `and_` or `or_`."""

    wire: Json = None
    """Nothing is asked for yet."""

    def and_(self, attribute: str, condition: Clause) -> AndFilter:
        """Begin a filter whose conditions all have to be met."""
        return AndFilter("and", attribute, condition)

    def or_(self, attribute: str, condition: Clause) -> OrFilter:
        """Begin a filter of which one condition has to be met."""
        return OrFilter("or", attribute, condition)


AnyFilter = Filter | AndFilter | OrFilter


def _clause(word: str, *values: Json) -> Clause:
    return {"condition": word, "values": list(values)}
