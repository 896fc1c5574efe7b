"""Queries, batches and transactions speak the package's wire."""

from __future__ import annotations

from typing import Any

import pytest

from forge_emu import records
from forge_emu.engine import Engine
from forge_emu.services import Services
from forge_emu.settings import SettingValue
from tests.services.platforms import EPOCH, KVS, engine, json_of, request

ALL_FIELDS = ["CREATED_AT", "UPDATED_AT", "EXPIRE_TIME"]


class Wire:
    """The service above a real engine."""

    def __init__(self, overrides: dict[str, SettingValue] | None = None) -> None:
        self.engine: Engine = engine(overrides)
        self.services = Services(self.engine)

    def call(self, path: str, body: Any, now: int = 0) -> tuple[int, Any]:
        """Status and decoded body."""
        response = self.services.answer_request(request(f"/api/v1/{path}", body, KVS), now)
        return response.status, json_of(response) if response.body else None

    def set(self, **values: Any) -> Wire:
        """Store values one by one."""
        for key, value in values.items():
            assert self.call("set", {"key": key, "value": value}) == (204, None)
        return self

    def bodies(self, kind: type[Any]) -> list[Any]:
        """The records of one kind since the last call."""
        return [x.body for x in self.engine.take_records() if isinstance(x.body, kind)]


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
