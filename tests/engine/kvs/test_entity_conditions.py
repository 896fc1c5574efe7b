"""Conditions on attributes: what meets them, and what is no condition."""

from __future__ import annotations

from typing import Any

import pytest

from forge_emu import records
from forge_emu.model import Json
from tests.engine.kvs_drivers.entity_driver import Staff, clause, condition, refused

RANGES: list[tuple[str, dict[str, Json], list[str]]] = [
    ("by-age", condition("EQUAL_TO", 30), ["c"]),
    ("by-age", condition("BETWEEN", 20, 30), ["a", "c"]),
    ("by-age", condition("GREATER_THAN", 30), ["d"]),
    ("by-age", condition("GREATER_THAN_EQUAL_TO", 30), ["c", "d"]),
    ("by-age", condition("LESS_THAN", 30), ["a"]),
    ("by-age", condition("LESS_THAN_EQUAL_TO", 29.5), ["a"]),
    ("surname", condition("BEGINS_WITH", "C"), ["c"]),
    ("by-key", condition("GREATER_THAN", "b"), ["c", "d"]),
    ("by-key", condition("BEGINS_WITH", "a"), ["a"]),
]


@pytest.mark.parametrize(("index", "range", "expected"), RANGES)
def test_a_where_limits_the_range(
    staff: Staff, index: str, range: dict[str, Json], expected: list[str]
) -> None:
    """Every condition there is for it."""
    assert staff.keys(index, range=range) == expected


FILTERED: list[tuple[dict[str, Json], list[str]]] = [
    (clause("gender", "EQUAL_TO", "f"), ["b", "c", "d"]),
    (clause("gender", "NOT_EQUAL_TO", "f"), ["a"]),
    (clause("age", "EXISTS", True), ["a", "c", "d"]),
    (clause("age", "NOT_EXISTS", True), ["b"]),
    (clause("age", "BETWEEN", 30, 40), ["c", "d"]),
    (clause("age", "NOT_EQUAL_TO", 30), ["a", "b", "d"]),
    (clause("pay", "GREATER_THAN", 1), ["c"]),
    (clause("active", "EQUAL_TO", False), ["a"]),
    (clause("surname", "CONTAINS", "a"), ["a", "b", "c", "d"]),
    (clause("surname", "CONTAINS", "vi"), ["b"]),
    (clause("surname", "NOT_CONTAINS", "vi"), ["a", "c", "d"]),
    (clause("surname", "BEGINS_WITH", "A"), ["d"]),
]


@pytest.mark.parametrize(("asked", "expected"), FILTERED)
def test_filters_keep_what_meets_them(
    staff: Staff, asked: dict[str, Json], expected: list[str]
) -> None:
    """An attribute that is not there meets only what is negative."""
    assert staff.keys(filters={"and": [asked]}) == expected


def test_filters_are_joined(staff: Staff) -> None:
    """All of them, or any."""
    both = [clause("gender", "EQUAL_TO", "f"), clause("age", "LESS_THAN", 35)]

    assert staff.keys(filters={"and": both}) == ["c"]
    assert staff.keys(filters={"or": both}) == ["a", "b", "c", "d"]


REFUSED: list[tuple[dict[str, Any], int, str]] = [
    ({"range": 5}, 400, "INVALID_FILTER_CONDITION"),
    ({"range": {}}, 400, "INVALID_FILTER_CONDITION"),
    ({"range": condition("CONTAINS", "a")}, 400, "INVALID_FILTER_CONDITION"),
    ({"index": "by-age", "range": condition("BEGINS_WITH", "a")}, 400, "INVALID_FILTER_CONDITION"),
    ({"index": "by-age", "range": condition("EQUAL_TO", "a")}, 400, "INVALID_FILTER_VALUES"),
    ({"index": "by-age", "range": condition("EQUAL_TO")}, 400, "INVALID_FILTER_VALUES"),
    ({"index": "by-age", "range": condition("BETWEEN", 1)}, 400, "INSUFFICIENT_FILTER_VALUES"),
    ({"filters": []}, 400, "INVALID_FILTER_CONDITION"),
    ({"filters": {"and": []}}, 400, "EMPTY_FILTER_OPERATOR"),
    ({"filters": {}}, 400, "EMPTY_FILTER_OPERATOR"),
    (
        {
            "filters": {
                "and": [clause("age", "EXISTS", True)],
                "or": [clause("age", "EXISTS", True)],
            }
        },
        400,
        "INVALID_FILTER_OPERATORS_COMBINATION",
    ),
    ({"filters": {"and": ["age"]}}, 400, "INVALID_FILTER_CONDITION"),
    ({"filters": {"and": [clause("shoe", "EXISTS", True)]}}, 400, "INVALID_ENTITY_ATTRIBUTE"),
    ({"filters": {"and": [clause("age", "CONTAINS", "1")]}}, 400, "INVALID_FILTER_CONDITION"),
    ({"filters": {"and": [clause("notes", "EXISTS", True)]}}, 422, "UNPROCESSABLE_ENTITY"),
    ({"filters": {"and": [clause("age", "EXISTS", True)] * 101}}, 400, "INVALID_FILTER_CONDITION"),
]


@pytest.mark.parametrize(
    ("asked", "status", "code"), REFUSED, ids=[str(r[0])[:40] for r in REFUSED]
)
def test_conditions_against_the_rules_are_refused(
    staff: Staff, asked: dict[str, Any], status: int, code: str
) -> None:
    """With the code that is published for it, where one is."""
    assert refused(staff, lambda: staff.page(**asked)) == (status, code)
    assert staff.of(records.KvsRefused)[-1].units is None
