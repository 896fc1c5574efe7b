"""Queries, batches and transactions of the SDK: what they send, and what they make of answers."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from forge_emu import sdk
from forge_emu.sdk import (
    BatchGetResult,
    BatchItemError,
    BatchItemSuccess,
    BatchResult,
    Filter,
    FilterConditions,
    KvsEntry,
    ListResult,
    MetadataField,
    Sort,
    WhereConditions,
    kvs,
    starts_with,
    storage,
)
from tests.sdk.fake_platform import fake_platform

FOUND = {"data": [{"key": "a", "value": 1, "createdAt": 5}], "cursor": "on"}


def test_a_query_has_the_form_of_the_package() -> None:
    """Only what was said is sent, under the names of the wire."""
    with fake_platform(200, FOUND) as hand:
        kvs.query().get_many()
        kvs.query().cursor(None).get_one()
        page = (
            kvs.query(metadata_fields=[MetadataField.CREATED_AT])
            .where("key", WhereConditions.begins_with("a"))
            .limit(3)
            .cursor("c")
            .get_many()
        )
        sent = [(r.path, r.body) for r in hand.requests]

    assert sent == [
        ("/api/v1/query", "{}"),
        ("/api/v1/query", '{"limit":1}'),
        (
            "/api/v1/query",
            '{"limit":3,"after":"c","where":[{"property":"key","condition":"BEGINS_WITH",'
            '"values":["a"]}],"options":{"metadataFields":["CREATED_AT"]}}',
        ),
    ]
    assert page == ListResult([KvsEntry("a", 1, created_at=5)], "on")


def test_a_query_is_built_up_in_place() -> None:
    """As in the package: what holds a query sees what was said of it since."""
    with fake_platform(200, FOUND) as hand:
        query = kvs.query().limit(5)
        query.get_one()
        query.where("key", WhereConditions.begins_with("a"))
        query.where("key", WhereConditions.begins_with("b")).get_many()

        assert hand.body["limit"] == 1
        assert [clause["values"] for clause in hand.body["where"]] == [["b"]]


def test_the_first_of_nothing_is_none() -> None:
    """And a page of nothing has no cursor."""
    with fake_platform(200, {"data": []}):
        assert kvs.query().get_one() is None
        assert kvs.query().get_many() == ListResult([])


def test_batches_have_the_form_of_the_package() -> None:
    """A bare list of items; options have the names of the wire."""
    ttl: Any = {"value": 1, "unit": "DAYS"}
    with fake_platform(200, {"successfulKeys": [], "failedKeys": []}) as hand:
        kvs.batch_set(
            [{"key": "a", "value": None}, {"key": "b", "value": 1, "options": {"ttl": ttl}}]
        )
        kvs.batch_get([{"key": "a", "options": {"metadata_fields": [MetadataField.UPDATED_AT]}}])
        kvs.batch_delete([{"key": "a"}])
        kvs.batch_get(["a"])  # type: ignore[list-item]
        sent = [(r.path, r.body) for r in hand.requests]

    assert sent == [
        (
            "/api/v1/batch/set",
            '[{"key":"a","value":null},{"key":"b","value":1,"options":'
            '{"ttl":{"value":1,"unit":"DAYS"}}}]',
        ),
        ("/api/v1/batch/get", '[{"key":"a","options":{"metadataFields":["UPDATED_AT"]}}]'),
        ("/api/v1/batch/delete", '[{"key":"a"}]'),
        ("/api/v1/batch/get", '["a"]'),
    ]


def test_a_batch_tells_what_became_of_each_key() -> None:
    """Nothing is raised for keys that failed."""
    failed = [{"key": "b", "error": {"code": "MAX_SIZE", "message": "too large"}}]
    with fake_platform(200, {"successfulKeys": [{"key": "a", "value": 2}], "failedKeys": failed}):
        stored = kvs.batch_set([{"key": "a", "value": 2}, {"key": "b", "value": "..."}])
        found = kvs.batch_get([{"key": "a"}, {"key": "b"}])

    errors = [BatchItemError("b", "MAX_SIZE", "too large")]
    assert stored == BatchResult([BatchItemSuccess("a")], errors)
    assert found == BatchGetResult([KvsEntry("a", 2)], errors)


def test_a_transaction_has_the_form_of_the_package() -> None:
    """In the order in which it was built up; nothing is sent before its end."""
    with fake_platform(204) as hand:
        transaction = kvs.transact().set("a", 1).delete("b")
        assert hand.requests == []
        transaction.set("c", [2], ttl={"value": 1, "unit": "HOURS"}).execute()
        kvs.transact().execute()
        sent = [(r.path, r.body) for r in hand.requests]

    assert sent == [
        (
            "/api/v1/transaction",
            '{"set":[{"key":"a","value":1},{"key":"c","value":[2],"options":'
            '{"ttl":{"value":1,"unit":"HOURS"}}}],"delete":[{"key":"b"}]}',
        ),
        ("/api/v1/transaction", "{}"),
    ]


CALLS: list[Any] = [
    lambda: kvs.query().get_many(),
    lambda: kvs.query().get_one(),
    lambda: kvs.batch_set([]),
    lambda: kvs.batch_get([]),
    lambda: kvs.batch_delete([]),
    lambda: kvs.transact().execute(),
]


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("code", ["TOO_MANY_REQUESTS", "KEY_NOT_FOUND"])
def test_refusals_are_raised(call: Any, code: str) -> None:
    """Whatever their code: only a single key may be unknown."""
    with (
        fake_platform(429, {"code": code, "message": "no"}),
        pytest.raises(sdk.ForgeKvsAPIError, match=r"^no$") as caught,
    ):
        call()

    assert caught.value.code == code
    assert caught.value.response_details["status"] == 429


@pytest.mark.parametrize("call", CALLS[:5])
def test_an_answer_without_json_is_an_error(call: Any) -> None:
    """As in the package."""
    with fake_platform(204), pytest.raises(sdk.ForgeKvsAPIError, match="not valid JSON"):
        call()


def test_all_of_them_can_be_awaited() -> None:
    """In async handlers."""

    async def handler() -> list[Any]:
        page = await kvs.query().get_many()
        first = await kvs.query().get_one()
        return [page.results, first]

    with fake_platform(200, FOUND):
        results, first = asyncio.run(handler())
    assert results == [first]
    with fake_platform(204):
        asyncio.run(_execute())


async def _execute() -> None:
    assert await kvs.transact().delete("a").execute() is None  # type: ignore[func-returns-value]


def test_a_query_of_the_old_storage() -> None:
    """Every call gives a new query, and the last edge's cursor leads on."""
    edges = [
        {"node": {"key": "a", "value": 1}, "cursor": "c1"},
        {"node": {"key": "b", "value": 2}, "cursor": "c2"},
    ]
    with fake_platform(200, {"data": {"appStoredEntities": {"edges": edges}}}) as hand:
        query = storage.query()
        page = query.where("key", starts_with("x")).where("key", starts_with("a")).limit(2)
        assert page.get_many() == ListResult([KvsEntry("a", 1), KvsEntry("b", 2)], "c2")
        assert hand.body["variables"] == {
            "where": [{"field": "key", "condition": "STARTS_WITH", "value": "a"}],
            "cursor": None,
            "limit": 2,
        }
        assert query.cursor("c").get_one() == KvsEntry("a", 1)
        assert hand.body["variables"] == {"where": None, "cursor": "c", "limit": 1}
    with fake_platform(200, {"data": {"appStoredEntities": {"edges": []}}}):
        assert query.get_many() == ListResult([])
        assert query.get_one() is None
    with (
        fake_platform(200, {"data": None, "errors": [{"message": "X: no"}]}),
        pytest.raises(sdk.APIError, match="X: no"),
    ):
        query.get_many()


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
    with fake_platform(200, FOUND) as hand:
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
