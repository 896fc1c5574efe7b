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
    KvsEntry,
    ListResult,
    MetadataField,
    WhereConditions,
    kvs,
    starts_with,
    storage,
)
from tests.sdk.doors import answering

FOUND = {"data": [{"key": "a", "value": 1, "createdAt": 5}], "cursor": "on"}


def test_a_query_has_the_form_of_the_package() -> None:
    """Only what was said is sent, under the names of the wire."""
    with answering(200, FOUND) as hand:
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
    with answering(200, FOUND) as hand:
        query = kvs.query().limit(5)
        query.get_one()
        query.where("key", WhereConditions.begins_with("a"))
        query.where("key", WhereConditions.begins_with("b")).get_many()

        assert hand.body["limit"] == 1
        assert [clause["values"] for clause in hand.body["where"]] == [["b"]]


def test_the_first_of_nothing_is_none() -> None:
    """And a page of nothing has no cursor."""
    with answering(200, {"data": []}):
        assert kvs.query().get_one() is None
        assert kvs.query().get_many() == ListResult([])


def test_batches_have_the_form_of_the_package() -> None:
    """A bare list of items; options have the names of the wire."""
    ttl: Any = {"value": 1, "unit": "DAYS"}
    with answering(200, {"successfulKeys": [], "failedKeys": []}) as hand:
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
    with answering(200, {"successfulKeys": [{"key": "a", "value": 2}], "failedKeys": failed}):
        stored = kvs.batch_set([{"key": "a", "value": 2}, {"key": "b", "value": "..."}])
        found = kvs.batch_get([{"key": "a"}, {"key": "b"}])

    errors = [BatchItemError("b", "MAX_SIZE", "too large")]
    assert stored == BatchResult([BatchItemSuccess("a")], errors)
    assert found == BatchGetResult([KvsEntry("a", 2)], errors)


def test_a_transaction_has_the_form_of_the_package() -> None:
    """In the order in which it was built up; nothing is sent before its end."""
    with answering(204) as hand:
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
        answering(429, {"code": code, "message": "no"}),
        pytest.raises(sdk.ForgeKvsAPIError, match=r"^no$") as caught,
    ):
        call()

    assert caught.value.code == code
    assert caught.value.response_details["status"] == 429


@pytest.mark.parametrize("call", CALLS[:5])
def test_an_answer_without_json_is_an_error(call: Any) -> None:
    """As in the package."""
    with answering(204), pytest.raises(sdk.ForgeKvsAPIError, match="not valid JSON"):
        call()


def test_all_of_them_can_be_awaited() -> None:
    """In async handlers."""

    async def handler() -> list[Any]:
        page = await kvs.query().get_many()
        first = await kvs.query().get_one()
        return [page.results, first]

    with answering(200, FOUND):
        results, first = asyncio.run(handler())
    assert results == [first]
    with answering(204):
        asyncio.run(_execute())


async def _execute() -> None:
    assert await kvs.transact().delete("a").execute() is None  # type: ignore[func-returns-value]


def test_a_query_of_the_old_storage() -> None:
    """Every call gives a new query, and the last edge's cursor leads on."""
    edges = [
        {"node": {"key": "a", "value": 1}, "cursor": "c1"},
        {"node": {"key": "b", "value": 2}, "cursor": "c2"},
    ]
    with answering(200, {"data": {"appStoredEntities": {"edges": edges}}}) as hand:
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
    with answering(200, {"data": {"appStoredEntities": {"edges": []}}}):
        assert query.get_many() == ListResult([])
        assert query.get_one() is None
    with (
        answering(200, {"data": None, "errors": [{"message": "X: no"}]}),
        pytest.raises(sdk.APIError, match="X: no"),
    ):
        query.get_many()
