"""Queries, batches and transactions speak the package's wire."""

from __future__ import annotations

from typing import Any

import pytest

from forge_emu import records
from forge_emu.engine.kvs.requests import (
    KvsBatch,
    KvsEntityQuery,
    KvsItem,
    KvsMultiKeyCall,
    KvsQuery,
    KvsTransaction,
)
from tests.services.platforms import (
    EPOCH,
    KVS,
    ScriptedPlatform,
    Wire,
    request,
    send_request,
    thing,
)

ALL_FIELDS = ["CREATED_AT", "UPDATED_AT", "EXPIRE_TIME"]


def where(prefix: str) -> list[Any]:
    return [{"property": "key", "condition": "BEGINS_WITH", "values": [prefix]}]


def test_a_query_answers_data_and_a_cursor() -> None:
    """The cursor only where there is more."""
    wire = Wire().set(a1=1, a2=[None], b=3)
    status, page = wire.call("query", {"where": where("a"), "limit": 1})
    cursor = page.pop("cursor")

    assert (status, page) == (200, {"data": [{"key": "a1", "value": 1}]})
    assert wire.call("query", {"where": where("a"), "limit": 1, "after": cursor}) == (
        200,
        {"data": [{"key": "a2", "value": [None]}]},
    )
    assert wire.call("query", {"where": where("c")}) == (200, {"data": []})


def test_a_query_shows_the_metadata_asked_for() -> None:
    """As a get does."""
    wire = Wire()
    ttl = {"ttl": {"value": 1, "unit": "HOURS"}}
    wire.call("set", {"key": "k", "value": 1, "options": ttl}, 1_000)

    assert wire.call("query", {"options": {"metadataFields": ALL_FIELDS}}, 2_000)[1]["data"] == [
        {
            "key": "k",
            "value": 1,
            "createdAt": EPOCH + 1_000,
            "updatedAt": EPOCH + 1_000,
            "expireTime": "2026-01-01T01:00:01.000Z",
        }
    ]


def test_a_batch_answers_what_became_of_each_key() -> None:
    """Keys that were stored, and those that were not with code and message."""
    wire = Wire()
    status, answer = wire.call(
        "batch/set",
        '[{"key":"a","value": {"n" : 1.0}},{"key":"b/","value":1},{"key":"c"}]',
    )

    assert status == 200
    assert answer["successfulKeys"] == [{"key": "a"}]
    assert [(x["key"], x["error"]["code"]) for x in answer["failedKeys"]] == [
        ("b/", "INVALID_KEY"),
        ("c", "INVALID_VALUE"),
    ]
    assert all(set(x["error"]) == {"code", "message"} for x in answer["failedKeys"])
    response = wire.services.answer_request(request("/api/v1/get", {"key": "a"}, KVS), 0)
    assert response.body == '{"key":"a","value":{"n" : 1.0}}'


def test_a_batch_of_reads_answers_values() -> None:
    """Each with the metadata that was asked for it."""
    wire = Wire().set(a=1, b=2)
    asked = [
        {"key": "a", "options": {"metadataFields": ["CREATED_AT"]}},
        {"key": "b"},
        {"key": "c"},
    ]
    status, answer = wire.call("batch/get", asked)

    assert status == 200
    assert answer["successfulKeys"] == [
        {"key": "a", "value": 1, "createdAt": EPOCH},
        {"key": "b", "value": 2},
    ]
    [failed] = answer["failedKeys"]
    assert (failed["key"], failed["error"]["code"]) == ("c", "KEY_NOT_FOUND")


def test_a_batch_of_deletes_answers_keys() -> None:
    """Whether there was a value or not."""
    wire = Wire().set(a=1)

    assert wire.call("batch/delete", [{"key": "a"}, {"key": "b"}]) == (
        200,
        {"successfulKeys": [{"key": "a"}, {"key": "b"}], "failedKeys": []},
    )
    assert wire.call("get", {"key": "a"})[0] == 404


def test_a_transaction_answers_204() -> None:
    """And has done everything."""
    wire = Wire().set(old=1)
    body = {"set": [{"key": "a", "value": 1}], "delete": [{"key": "old"}]}

    assert wire.call("transaction", body) == (204, None)
    assert wire.call("query", {})[1] == {"data": [{"key": "a", "value": 1}]}


@pytest.mark.parametrize("body", [None, "", "{", "7", '"x"', '["a"]', "[null]", {"key": "a"}])
@pytest.mark.parametrize("path", ["batch/get", "batch/set", "batch/delete"])
def test_a_batch_is_a_list_of_objects(path: str, body: Any) -> None:
    """Anything else is refused, and stands in the records under its operation."""
    wire = Wire()
    status, answer = wire.call(path, body)
    [refused] = wire.bodies(records.KvsRefused)

    assert (status, answer["code"]) == (400, "BAD_REQUEST")
    assert (refused.operation, refused.limit) == (path.replace("/", "_"), "request.body")


@pytest.mark.parametrize("path", ["query", "transaction"])
@pytest.mark.parametrize("body", [None, "{", "[]", '{"set":7,"where":1}'])
def test_other_calls_are_objects(path: str, body: Any) -> None:
    """What is none is refused with a code and a message."""
    status, answer = Wire().call(path, body)

    assert status == 400
    assert answer["code"] in ("BAD_REQUEST", "QUERY_WHERE_INVALID")
    assert answer["message"]


def test_the_body_of_a_request_has_a_size() -> None:
    """Of its UTF-8, with everything that stands in it."""
    values = [{"key": f"k{i}", "value": "é" * 119_990} for i in range(17)]
    wire = Wire()
    status, answer = wire.call("batch/set", values)
    assert (status, answer["code"]) == (400, "MAX_SIZE")
    assert wire.call("batch/set", values[:16])[0] == 200
    assert wire.call("transaction", {"set": values})[1]["code"] == "MAX_SIZE"


def test_refusals_go_out_with_their_status() -> None:
    """429 with the code of each kind of call."""
    wire = Wire({"limits.kvs.requests_per_second": 0})

    assert wire.call("query", {})[0] == 429
    assert wire.call("batch/get", [{"key": "a"}])[1]["code"] == "RATE_LIMIT_EXCEEDED"
    assert wire.call("transaction", {"delete": [{"key": "a"}]})[1]["code"] == "TOO_MANY_REQUESTS"
    assert len(wire.bodies(records.KvsRefused)) == 3


def test_pages_of_things(things: Wire) -> None:
    """By an index, with cursors."""
    asked = {"entityName": "thing", "indexName": "value", "limit": 2, "sort": "DESC"}
    status, page = things.call("entity/query", asked)
    cursor = page.pop("cursor")

    assert status == 200
    assert [each["key"] for each in page["data"]] == ["a", "c"]
    assert things.call("entity/query", {**asked, "cursor": cursor}) == (
        200,
        {"data": [{"key": "b", "value": {"value": 1, "key": "of 1"}}]},
    )
    odd = {**asked, "indexName": "by-key-of", "partition": ["of 1"]}
    assert [each["key"] for each in things.call("entity/query", odd)[1]["data"]] == ["a", "b"]


def test_things_in_batches_and_transactions(things: Wire) -> None:
    """They carry their entity, in what goes well and in what fails."""
    items = [thing("n", 7), thing("n/", 7), {"key": "n", "value": 1}]
    status, stored = things.call("batch/set", items)
    found = things.call("batch/get", [thing("n"), {"key": "n"}, thing("none")])[1]

    assert status == 200
    assert stored["successfulKeys"] == [{"key": "n", "entityName": "thing"}, {"key": "n"}]
    assert stored["failedKeys"][0]["entityName"] == "thing"
    assert found["successfulKeys"] == [
        {"key": "n", "value": {"value": 7, "key": "of 1"}, "entityName": "thing"},
        {"key": "n", "value": 1},
    ]
    assert found["failedKeys"][0]["entityName"] == "thing"
    small = {"and": [{"property": "value", "condition": "LESS_THAN", "values": [2]}]}
    body = {"check": [thing("b", conditions=small)], "delete": [thing("a", conditions=small)]}
    assert things.call("transaction", {"check": body["check"], "delete": [thing("n")]})[0] == 204
    assert things.call("transaction", body)[1]["code"] == "CONDITIONAL_CHECK_FAILED"


@pytest.mark.parametrize(
    ("path", "body", "expected"),
    [
        (
            "query",
            {"where": 1, "limit": "2", "after": [3], "options": 4, "invocation_id": "another"},
            KvsQuery(1, "2", [3], 4, "inv-1"),
        ),
        ("query", {}, KvsQuery(invocation_id="inv-1")),
        (
            "entity/query",
            {
                "entityName": 1,
                "indexName": 2,
                "partition": 3,
                "range": 4,
                "filters": 5,
                "sort": 6,
                "limit": 7,
                "cursor": 8,
                "options": 9,
                "operation": 10,
            },
            KvsEntityQuery(1, 2, 3, 4, 5, 6, 7, 8, 9, "inv-1"),
        ),
        (
            "batch/set",
            '[{"key":1,"value": 2.0 ,"options":3,"entityName":4}]',
            KvsBatch("batch_set", (KvsItem(1, b"2.0", 3, 4),), 52, "inv-1"),
        ),
        (
            "transaction",
            '{"set":[{"key":1,"value":2}],"delete":[{"key":3}],"check":[{"conditions":4}]}',
            KvsTransaction(
                (KvsItem(1, b"2"),),
                (KvsItem(3),),
                (KvsItem(None, conditions=4),),
                77,
                "inv-1",
            ),
        ),
    ],
)
def test_calls_reach_the_store(path: str, body: Any, expected: KvsMultiKeyCall) -> None:
    """What the app sent in whatever form, who sent it, and how large the body was."""
    platform = ScriptedPlatform()
    send_request(platform, f"/api/v1/{path}", body, KVS)

    assert platform.calls == [expected]
