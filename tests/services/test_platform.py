"""What the services have in common: answers, and records of what is refused or missing."""

from __future__ import annotations

import msgspec
import pytest

from forge_emu.errors import Fault
from forge_emu.records import KvsRefused, RequestUnsupported
from forge_emu.services.platform import (
    fault_response,
    json_response,
    json_text_response,
    not_emulated_response,
    record_kvs_refused,
    service_name,
)
from tests.services.platforms import KVS, STARGATE, ScriptedPlatform, fault, request


def test_an_answer_with_a_body_is_json() -> None:
    """One without has no content type."""
    assert json_response(200, {"a": 1}).body == '{"a":1}'
    assert json_text_response(201, b"{}").headers == {"content-type": "application/json"}
    assert (json_text_response(204).body, json_text_response(204).headers) == ("", {})
    assert json_text_response(204).status_text == "No Content"


def test_a_fault_is_answered_with_its_own_headers() -> None:
    """And with its body, as the engine raised it."""
    refusal = Fault(429, {"code": "X"}, headers={"retry-after": "5"})
    response = fault_response(refusal)

    assert (response.status, response.status_text) == (429, "Too Many Requests")
    assert msgspec.json.decode(response.body) == {"code": "X"}
    assert response.headers == {"content-type": "application/json", "retry-after": "5"}


@pytest.mark.parametrize(
    ("options", "name"),
    [
        (KVS, "kvs/app/kvs"),
        (STARGATE, "fpp/app/stargate"),
        ({"type": "frc", "remote": "backend"}, "frc/backend"),
        ({}, ""),
    ],
)
def test_a_service_has_the_packages_words(options: dict[str, str], name: str) -> None:
    """Those that are there."""
    assert service_name(request("/x", None, options)) == name


def test_what_is_missing_is_answered_and_recorded_with_one_text() -> None:
    """501, so that no app takes it for an answer of Forge's."""
    platform = ScriptedPlatform()
    response = not_emulated_response(platform, request("/x"), "magic", "Do without.", 7)
    [record] = platform.records

    assert isinstance(record, RequestUnsupported)
    assert record.message == "forge-emu does not emulate magic yet. Do without."
    body = {"code": "NOT_EMULATED", "message": record.message, "errorMessages": [record.message]}
    assert (response.status, msgspec.json.decode(response.body)) == (501, body)


def test_a_call_that_cannot_be_read_has_no_key_on_record() -> None:
    """Its operation is the one of its path."""
    platform = ScriptedPlatform()
    record_kvs_refused(platform, "batch_get", fault(400), "inv-1", 0)

    assert platform.records == [
        KvsRefused(
            operation="batch_get",
            key="",
            code="SOME_CODE",
            status=400,
            limit="limits.some",
            invocation_id="inv-1",
        )
    ]
