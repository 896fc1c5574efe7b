"""The old storage: GraphQL in and out, in the shapes that @forge/storage 1 and 2 read."""

from __future__ import annotations

from typing import Any

import pytest

from forge_emu.engine.kvs.requests import KvsAnswer
from forge_emu.model import KvsRequest, StoredValue
from forge_emu.records import KvsRefused, Log, RequestUnsupported
from forge_emu.services.services import Services
from tests.services.platforms import (
    ScriptedPlatform,
    engine,
    fault,
    json_of,
    request,
    send_request,
)
from tests.services.storage_driver import LIST, PATH, change, delete, get, put


@pytest.mark.parametrize("encrypted", [False, True])
def test_requests_reach_the_store(encrypted: bool) -> None:
    """Operation, key and value are found in the variables; encrypted ones are secrets."""
    platform = ScriptedPlatform()
    services = Services(platform)
    for body in (
        get("k", encrypted),
        put("k", {"a": 1}, encrypted),
        put("k", None, encrypted),
        change("setAppStoredEntity", key="k", encrypted=encrypted),
        delete("k", encrypted),
    ):
        services.answer_request(request(PATH, body), 0)

    assert platform.calls == [
        KvsRequest("get", "k", None, None, encrypted, "inv-1"),
        KvsRequest("set", "k", b'{"a":1}', None, encrypted, "inv-1"),
        KvsRequest("set", "k", b"null", None, encrypted, "inv-1"),
        KvsRequest("set", "k", None, None, encrypted, "inv-1"),
        KvsRequest("delete", "k", None, None, encrypted, "inv-1"),
    ]


def test_get_answers_the_value() -> None:
    """The value stands under the field that was queried."""
    found = KvsAnswer(found=(StoredValue("k", b'{"a": 1.0}', 0, 0),))
    response = send_request(ScriptedPlatform(found=found), PATH, get("k"))

    assert response.status == 200
    assert response.body == '{"data":{"appStoredEntity":{"key":"k","value":{"a": 1.0}}}}'


def test_get_of_a_missing_key_answers_null() -> None:
    """A missing value is null, which the package turns into `undefined`."""
    response = send_request(ScriptedPlatform(), PATH, get("k"))

    assert json_of(response) == {"data": {"appStoredEntity": {"key": "k", "value": None}}}


@pytest.mark.parametrize(
    ("body", "field"), [(put("k", 1), "setAppStoredEntity"), (delete("k"), "deleteAppStoredEntity")]
)
def test_changes_answer_success(body: Any, field: str) -> None:
    """A set and a delete answer success without errors."""
    response = send_request(ScriptedPlatform(), PATH, body)

    assert response.status == 200
    assert json_of(response) == {"data": {"appStorage": {field: {"success": True, "errors": None}}}}


def test_refused_change_lists_the_error() -> None:
    """A refusal is success false with message, errorType and statusCode; the status stays 200."""
    response = send_request(ScriptedPlatform(fault=fault(429)), PATH, put("k", 1))

    assert response.status == 200
    assert json_of(response) == {
        "data": {
            "appStorage": {
                "setAppStoredEntity": {
                    "success": False,
                    "errors": [
                        {
                            "message": "SOME_CODE: Some message.",
                            "extensions": {"errorType": "SOME_CODE", "statusCode": 429},
                        }
                    ],
                }
            }
        }
    }


def test_refused_query_has_errors() -> None:
    """A refused get carries the errors of a GraphQL answer."""
    response = send_request(ScriptedPlatform(fault=fault(429)), PATH, get("k"))

    assert response.status == 200
    assert json_of(response) == {
        "data": None,
        "errors": [
            {
                "message": "SOME_CODE: Some message.",
                "extensions": {"errorType": "SOME_CODE", "statusCode": 429},
            }
        ],
    }


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("query { me { name } }", "this query of the old storage"),
        (LIST.replace("Entities(", "EntitiesForCleanup("), "this query of the old storage"),
    ],
)
def test_what_is_missing_is_named(query: str, name: str) -> None:
    """A query that is not emulated is one clear error, with the author's words, and a record."""
    platform = ScriptedPlatform()
    response = send_request(platform, PATH, {"query": query, "variables": {}})
    record = platform.records[-1]
    [error] = json_of(response)["errors"]

    assert response.status == 200  # any other would reach the app as an "unknown error"
    assert name in error["message"]
    assert error["extensions"] == {"errorType": "NOT_EMULATED", "statusCode": 501}
    assert isinstance(record, RequestUnsupported)
    assert name in record.message


@pytest.mark.parametrize(
    "body",
    [
        None,
        "{",
        {"variables": {}},
        {"query": 7},
        {"query": get("k")["query"], "variables": [1]},
        {"query": put("k", 1)["query"], "variables": {"input": 7}},
        {"query": put("k", 1)["query"], "variables": {}},
    ],
)
def test_malformed_query_is_400(body: Any) -> None:
    """What is no GraphQL request is refused and recorded, and nothing reaches the store."""
    platform = ScriptedPlatform()
    response = send_request(platform, PATH, body)
    [refused] = [r for r in platform.records if isinstance(r, KvsRefused)]

    assert response.status == refused.status == 400
    assert json_of(response)["message"]
    assert platform.calls == []


def test_first_use_is_warned_of_once() -> None:
    """One warning per run says that the old storage is gone and what to use instead."""
    platform = ScriptedPlatform()
    services = Services(platform)
    for _ in range(3):
        services.answer_request(request(PATH, get("k")), 0)
    [warning] = platform.records

    assert isinstance(warning, Log)
    assert warning.level == "warn"
    assert "@forge/kvs" in warning.message
    assert "2026-06-01" in warning.message


def test_gone_answers_410_and_stores_nothing() -> None:
    """With `storage.legacy = gone` every call is 410, recorded, with one warning."""
    platform = ScriptedPlatform(overrides={"storage.legacy": "gone"})
    services = Services(platform)
    answers = [
        services.answer_request(request(PATH, body), 0) for body in (put("k", 1), get("k", True))
    ]

    assert [a.status for a in answers] == [410, 410]
    assert platform.calls == []
    assert [
        (r.operation, r.key, r.code, r.status, r.limit)
        for r in platform.records
        if isinstance(r, KvsRefused)
    ] == [
        ("set", "k", "GONE", 410, "storage.legacy"),
        ("get_secret", "k", "GONE", 410, "storage.legacy"),
    ]
    assert len([r for r in platform.records if isinstance(r, Log)]) == 1


def test_real_store_end_to_end() -> None:
    """The old storage and the new one see the same values; refusals name the rule."""
    services = Services(engine({"limits.kvs.write_units_per_minute": 2}))

    def call(body: Any) -> Any:
        return json_of(services.answer_request(request(PATH, body), 0))

    stored = call(put("k", [1]))
    over_size = call(put("k", "x" * 300_000))["data"]["appStorage"]["setAppStoredEntity"]
    deleted = call(delete("other"))
    over_rate = call(delete("k"))["data"]["appStorage"]["deleteAppStoredEntity"]

    assert stored["data"]["appStorage"]["setAppStoredEntity"]["success"] is True
    assert call(get("k"))["data"]["appStoredEntity"] == {"key": "k", "value": [1]}
    assert call(get("k", encrypted=True))["data"]["appStoredEntity"]["value"] is None
    assert over_size["errors"][0]["message"].startswith("MAX_SIZE: ")
    assert deleted["data"]["appStorage"]["deleteAppStoredEntity"]["success"] is True
    assert over_rate["success"] is False
    assert over_rate["errors"][0]["message"].startswith("RATE_LIMIT_EXCEEDED: ")
    assert call(get(""))["errors"][0]["extensions"]["errorType"] == "KEY_TOO_SHORT"
