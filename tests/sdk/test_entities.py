"""Custom entities of the SDK: what their calls, queries and conditions send."""

from __future__ import annotations

from typing import Any

import pytest

from forge_emu import sdk
from forge_emu.sdk import (
    BatchItemError,
    BatchItemSuccess,
    Filter,
    FilterConditions,
    KvsEntry,
    ListResult,
    MetadataField,
    Sort,
    WhereConditions,
    kvs,
)
from tests.sdk.fake_platform import PAGE_FOUND, fake_platform


def test_calls_of_an_entity_have_the_form_of_the_package() -> None:
    """As those of plain values, with the entity's name."""
    employee = kvs.entity("employee")
    with fake_platform(204) as hand:
        employee.set("k", {"age": 1}, ttl={"value": 1, "unit": "DAYS"})
        employee.delete("k")
        sent = [(r.path, r.body) for r in hand.requests]
    with fake_platform(200, {"key": "k", "value": {"age": 1}}) as hand:
        assert employee.get("k") == {"age": 1}
        assert employee.get("k", metadata_fields=[]) == KvsEntry("k", {"age": 1})
        assert hand.body == {
            "entityName": "employee",
            "key": "k",
            "options": {"metadataFields": []},
        }
        assert employee.set("k", {}, return_value="LATEST") == KvsEntry("k", {"age": 1})

    assert sent == [
        (
            "/api/v1/entity/set",
            '{"entityName":"employee","key":"k","value":{"age":1},"options":'
            '{"ttl":{"value":1,"unit":"DAYS"}}}',
        ),
        ("/api/v1/entity/delete", '{"entityName":"employee","key":"k"}'),
    ]


def test_a_query_of_an_entity_has_the_form_of_the_package() -> None:
    """Every part under its name; filters without conditions are left out."""
    with fake_platform(200, PAGE_FOUND) as hand:
        query = (
            kvs.entity("employee")
            .query(metadata_fields=[MetadataField.CREATED_AT])
            .index("by-age", partition=["f", 1])
            .where(WhereConditions.between(1, 5))
            .filters(
                Filter()
                .and_("age", FilterConditions.not_equal_to(2))
                .and_("surname", FilterConditions.contains("a"))
            )
            .sort(Sort.DESC)
            .cursor("c")
            .limit(5)
        )
        assert query.get_many() == ListResult([KvsEntry("a", 1, created_at=5)], "on")
        assert hand.body == {
            "entityName": "employee",
            "indexName": "by-age",
            "partition": ["f", 1],
            "range": {"condition": "BETWEEN", "values": [1, 5]},
            "sort": "DESC",
            "cursor": "c",
            "limit": 5,
            "options": {"metadataFields": ["CREATED_AT"]},
            "filters": {
                "and": [
                    {"property": "age", "condition": "NOT_EQUAL_TO", "values": [2]},
                    {"property": "surname", "condition": "CONTAINS", "values": ["a"]},
                ]
            },
        }
        kvs.entity("e").query().index("i").filters(Filter()).get_one()
        assert hand.body == {"entityName": "e", "indexName": "i", "limit": 1}


WORDS: list[tuple[Any, str, list[Any]]] = [
    (FilterConditions.begins_with("a"), "BEGINS_WITH", ["a"]),
    (FilterConditions.between(1, 2), "BETWEEN", [1, 2]),
    (FilterConditions.equal_to(1), "EQUAL_TO", [1]),
    (FilterConditions.not_equal_to(1), "NOT_EQUAL_TO", [1]),
    (FilterConditions.greater_than(1), "GREATER_THAN", [1]),
    (FilterConditions.greater_than_equal_to(1), "GREATER_THAN_EQUAL_TO", [1]),
    (FilterConditions.less_than(1), "LESS_THAN", [1]),
    (FilterConditions.less_than_equal_to(1), "LESS_THAN_EQUAL_TO", [1]),
    (FilterConditions.exists(), "EXISTS", [True]),
    (FilterConditions.not_exists(), "NOT_EXISTS", [True]),
    (FilterConditions.contains("a"), "CONTAINS", ["a"]),
    (FilterConditions.not_contains("a"), "NOT_CONTAINS", ["a"]),
]


@pytest.mark.parametrize(("clause", "word", "values"), WORDS)
def test_conditions_have_the_words_of_the_wire(clause: Any, word: str, values: list[Any]) -> None:
    """All of the package's."""
    assert clause == {"condition": word, "values": values}


def test_entities_in_batches_and_transactions() -> None:
    """Under the names of the wire; a filter without conditions is an error of the SDK."""
    some = Filter().or_("age", FilterConditions.exists()).or_("age", FilterConditions.equal_to(1))
    error = {"code": "X", "message": "m"}
    said = {
        "successfulKeys": [{"key": "a", "entityName": "e", "value": {}}],
        "failedKeys": [{"key": "b", "entityName": "e", "error": error}],
    }
    with fake_platform(200, said) as hand:
        done = kvs.batch_delete([{"key": "a", "entity_name": "e"}])
        assert hand.body == [{"key": "a", "entityName": "e"}]
        found = kvs.batch_get([{"key": "a", "entity_name": "e"}])
    assert done.successful_keys == [BatchItemSuccess("a", "e")]
    assert done.failed_keys == [BatchItemError("b", "X", "m", "e")]
    assert found.successful_keys == [KvsEntry("a", {}, entity_name="e")]
    with fake_platform(204) as hand:
        transaction = kvs.transact().check("c", entity_name="e", conditions=some)
        transaction.set("s", {}, entity_name="e").delete("d", entity_name="e", conditions=some)
        transaction.execute()
        wired = some.wire
        assert hand.body == {
            "check": [{"key": "c", "entityName": "e", "conditions": wired}],
            "set": [{"key": "s", "value": {}, "entityName": "e"}],
            "delete": [{"key": "d", "entityName": "e", "conditions": wired}],
        }
        with pytest.raises(sdk.ForgeKvsError, match="at least one condition set"):
            kvs.transact().check("c", entity_name="e", conditions=Filter()).execute()
