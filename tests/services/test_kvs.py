"""The key-value service speaks the package's wire, and says by name what it lacks."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from forge_emu.engine.kvs.requests import KvsAnswer
from forge_emu.model import KvsRequest, StoredValue
from forge_emu.records import KvsRefused, RequestUnsupported
from forge_emu.services.services import Services
from tests.services.platforms import (
    EPOCH,
    KVS,
    ScriptedPlatform,
    Wire,
    engine,
    fault,
    json_of,
    request,
    send_request,
    thing,
)

STORED = KvsAnswer(found=(StoredValue("k", b'{"a": [1.0,null]}', 1_000, 2_500, 3_600_000),))
ALL_FIELDS = ["CREATED_AT", "UPDATED_AT", "EXPIRE_TIME"]


@pytest.mark.parametrize(
    ("path", "body", "expected"),
    [
        ("get", {"key": "k"}, KvsRequest("get", "k", invocation_id="inv-1")),
        ("delete", {"key": "k"}, KvsRequest("delete", "k", invocation_id="inv-1")),
        (
            "set",
            '{"key":"k","value": {"a" : 1.0} ,"options":{"keyPolicy":"OVERRIDE"}}',
            KvsRequest("set", "k", b'{"a" : 1.0}', {"keyPolicy": "OVERRIDE"}, False, "inv-1"),
        ),
        ("set", {"key": "k"}, KvsRequest("set", "k", None, invocation_id="inv-1")),
        ("set", {"key": "k", "value": None}, KvsRequest("set", "k", b"null", None, False, "inv-1")),
        ("set", {"key": "k", "value": 0}, KvsRequest("set", "k", b"0", None, False, "inv-1")),
        ("set", {"value": ""}, KvsRequest("set", None, b'""', None, False, "inv-1")),
        ("get", {"key": ["k"]}, KvsRequest("get", ["k"], invocation_id="inv-1")),
        ("secret/get", {"key": "k"}, KvsRequest("get", "k", None, None, True, "inv-1")),
        (
            "secret/set",
            {"key": "k", "value": 1},
            KvsRequest("set", "k", b"1", None, True, "inv-1"),
        ),
        ("secret/delete", {"key": "k"}, KvsRequest("delete", "k", None, None, True, "inv-1")),
    ],
)
def test_requests_reach_the_store(path: str, body: Any, expected: KvsRequest) -> None:
    """Operation, key and options are read; the value stays the text the app sent."""
    platform = ScriptedPlatform()
    send_request(platform, f"/api/v1/{path}", body, KVS)

    assert platform.calls == [expected]


def test_get_answers_key_and_value() -> None:
    """Without metadata fields nothing but key and value comes back, the value's text untouched."""
    response = send_request(ScriptedPlatform(found=STORED), "/api/v1/get", {"key": "k"}, KVS)

    assert response.status == 200
    assert response.body == '{"key":"k","value":{"a": [1.0,null]}}'
    assert response.headers == {"content-type": "application/json"}


def test_get_answers_the_metadata_asked_for() -> None:
    """Creation and update are epoch milliseconds, the expiry is ISO 8601."""
    asked = {"key": "k", "options": {"metadataFields": ALL_FIELDS}}
    response = send_request(ScriptedPlatform(found=STORED), "/api/v1/get", asked, KVS)

    assert json_of(response) == {
        "key": "k",
        "value": {"a": [1.0, None]},
        "createdAt": EPOCH + 1_000,
        "updatedAt": EPOCH + 2_500,
        "expireTime": "2026-01-01T01:00:00.000Z",
    }


def test_value_that_lasts_has_no_expire_time() -> None:
    """A value without a ttl has no expireTime, even when it is asked for."""
    found = KvsAnswer(found=(StoredValue("k", b"1", 0, 0),))
    asked = {"key": "k", "options": {"metadataFields": ["EXPIRE_TIME"]}}

    assert json_of(send_request(ScriptedPlatform(found=found), "/api/v1/get", asked, KVS)) == {
        "key": "k",
        "value": 1,
    }


@pytest.mark.parametrize("path", ["/api/v1/get", "/api/v1/secret/get"])
def test_missing_key_is_404_key_not_found(path: str) -> None:
    """The code is the one that the package turns into `undefined`."""
    response = send_request(ScriptedPlatform(), path, {"key": "k"}, KVS)

    assert response.status == 404
    assert json_of(response)["code"] == "KEY_NOT_FOUND"


def test_set_and_delete_answer_204() -> None:
    """A set that returns nothing and a delete have no body."""
    stored = send_request(ScriptedPlatform(), "/api/v1/set", {"key": "k", "value": 1}, KVS)
    deleted = send_request(ScriptedPlatform(), "/api/v1/delete", {"key": "k"}, KVS)

    assert (stored.status, stored.body) == (deleted.status, deleted.body) == (204, "")


def test_set_answers_the_value_it_returns() -> None:
    """With returnValue a set answers 200 with the value and the metadata asked for."""
    options = {"returnValue": "PREVIOUS", "returnMetadataFields": ["CREATED_AT"]}
    asked = {"key": "k", "value": 1, "options": options}
    response = send_request(ScriptedPlatform(found=STORED), "/api/v1/set", asked, KVS)

    assert response.status == 200
    assert json_of(response) == {
        "key": "k",
        "value": {"a": [1.0, None]},
        "createdAt": EPOCH + 1_000,
    }


@pytest.mark.parametrize("status", [400, 409, 429])
def test_refusals_are_code_and_message(status: int) -> None:
    """A refusal goes out with its status and the two fields the package reads."""
    platform = ScriptedPlatform(fault=fault(status))
    response = send_request(platform, "/api/v1/set", {"key": "k", "value": 1}, KVS)

    assert response.status == status
    assert json_of(response) == {"code": "SOME_CODE", "message": "Some message."}


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (None, "BAD_REQUEST"),
        ("{", "BAD_REQUEST"),
        ("[]", "BAD_REQUEST"),
        ({"key": "k", "options": "all"}, "INVALID_OPTIONS"),
        ('{"key":"k","value":' + "[" * 50_000 + "]" * 50_000 + "}", "MAX_DEPTH"),
    ],
)
def test_malformed_request_is_400_and_recorded(body: Any, code: str) -> None:
    """What cannot be read is refused with code and message, and stands in the records."""
    platform = ScriptedPlatform()
    response = send_request(platform, "/api/v1/secret/set", body, KVS)
    refused = platform.records[0]

    assert (response.status, json_of(response)["code"]) == (400, code)
    assert isinstance(refused, KvsRefused)
    assert (refused.operation, refused.code, refused.status) == ("set_secret", code, 400)
    assert platform.calls == []


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("entity/shrink", "/api/v1/entity/shrink"),
        ("shrink", "/api/v1/shrink"),
    ],
)
def test_what_is_missing_is_named(path: str, name: str) -> None:
    """A call that is not emulated is one clear error with the author's own words, and a record."""
    platform = ScriptedPlatform()
    response = send_request(platform, f"/api/v1/{path}", {}, KVS)
    record = platform.records[0]

    assert response.status == 501
    assert json_of(response)["code"] == "NOT_EMULATED"
    assert name in json_of(response)["message"]
    assert isinstance(record, RequestUnsupported)
    assert (record.service, record.path) == ("kvs/app/kvs", f"/api/v1/{path}")
    assert record.message == json_of(response)["message"]
    assert record.invocation_id == "inv-1"


def test_real_store_end_to_end() -> None:
    """What is set can be read, returned, guarded, deleted and missed."""
    services = Services(engine())

    def call(path: str, body: Any) -> tuple[int, Any]:
        response = services.answer_request(request(f"/api/v1/{path}", body, KVS), 0)
        return response.status, json_of(response) if response.body else None

    guard = {"keyPolicy": "FAIL_IF_EXISTS"}
    latest = {"keyPolicy": "OVERRIDE", "returnValue": "LATEST"}

    assert call("set", {"key": "k", "value": {"n": 1}, "options": guard}) == (204, None)
    assert call("set", {"key": "k", "value": 2, "options": guard})[0] == 409
    assert call("get", {"key": "k"}) == (200, {"key": "k", "value": {"n": 1}})
    assert call("set", {"key": "k", "value": 3, "options": latest}) == (
        200,
        {"key": "k", "value": 3},
    )
    assert call("delete", {"key": "k"}) == (204, None)
    assert call("get", {"key": "k"})[0] == 404
    assert call("get", {"key": ""})[1]["code"] == "KEY_TOO_SHORT"


def test_half_an_emoji_in_a_value() -> None:
    """A value cut within a surrogate pair is stored with the replacement character."""
    services = Services(engine())
    services.answer_request(request("/api/v1/set", r'{"key":"k","value":"cut \ud83d"}', KVS), 0)
    response = services.answer_request(request("/api/v1/get", {"key": "k"}, KVS), 0)

    assert json_of(response)["value"] == "cut \ufffd"


def test_unencodable_text_is_no_crash() -> None:
    """Half a surrogate pair that comes unescaped has no UTF-8 either, and does no harm."""
    services = Services(engine())
    stored = services.answer_request(request("/api/v1/set", '{"key":"k","value":"\ud83d"}', KVS), 0)

    assert stored.status == 204


def test_numbers_beyond_64_bits_keep_their_digits() -> None:
    """A value is text to the service: digits that no float holds come back as they were."""
    services = Services(engine())
    text = b"[12345678901234567890123,1e300]"
    services.answer_request(
        request("/api/v1/set", f'{{"key":"k","value":{text.decode()}}}', KVS), 0
    )
    response = services.answer_request(request("/api/v1/get", {"key": "k"}, KVS), 0)

    assert bytes(msgspec.json.decode(response.body, type=dict[str, msgspec.Raw])["value"]) == text


def test_one_thing(things: Wire) -> None:
    """Set, read with metadata, returned, guarded and deleted, as plain values are."""
    fields = {"metadataFields": ["CREATED_AT"]}
    value = {"value": 3, "key": "of 1"}
    assert things.call("entity/get", thing("a")) == (200, {"key": "a", "value": value})
    assert things.call("entity/get", thing("a", options=fields))[1]["createdAt"] == EPOCH
    latest = {"keyPolicy": "OVERRIDE", "returnValue": "PREVIOUS"}
    assert things.call("entity/set", thing("a", 5, options=latest))[1] == {
        "key": "a",
        "value": value,
    }
    guard = {"keyPolicy": "FAIL_IF_EXISTS"}
    assert things.call("entity/set", thing("a", 5, options=guard))[0] == 409
    assert things.call("entity/delete", thing("a")) == (204, None)
    assert things.call("entity/get", thing("a"))[1]["code"] == "KEY_NOT_FOUND"
