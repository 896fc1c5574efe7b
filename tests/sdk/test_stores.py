"""The stores of the SDK, old and new, and the rest of what it exports."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from typing import Any

import pytest

from forge_emu import sdk
from forge_emu.sdk import (
    InvocationError,
    InvocationErrorCode,
    KvsEntry,
    MetadataField,
    kvs,
)
from tests.sdk.fake_platform import fake_platform


def test_calls_of_the_store_have_the_form_of_the_package() -> None:
    """Path and body of each."""
    with fake_platform(204) as hand:
        kvs.set("k", {"a": 1})
        kvs.set("k", None, ttl={"value": 1, "unit": "DAYS"}, key_policy="FAIL_IF_EXISTS")
        kvs.delete("k")
        kvs.set_secret("k", "s")
        kvs.delete_secret("k")
    sent = [(r.path, r.body) for r in hand.requests]

    assert sent == [
        ("/api/v1/set", '{"key":"k","value":{"a":1}}'),
        (
            "/api/v1/set",
            '{"key":"k","value":null,"options":'
            '{"ttl":{"value":1,"unit":"DAYS"},"keyPolicy":"FAIL_IF_EXISTS"}}',
        ),
        ("/api/v1/delete", '{"key":"k"}'),
        ("/api/v1/secret/set", '{"key":"k","value":"s"}'),
        ("/api/v1/secret/delete", '{"key":"k"}'),
    ]


def test_get_gives_the_value_or_an_entry() -> None:
    """With `metadata_fields`, what was asked for stands beside the value."""
    found = {"key": "k", "value": [1], "createdAt": 5, "expireTime": "soon"}
    with fake_platform(200, found) as hand:
        assert kvs.get("k") == [1]
        assert kvs.get_secret("k") == [1]
        entry = kvs.get("k", metadata_fields=[MetadataField.CREATED_AT, "EXPIRE_TIME"])
        assert hand.body["options"] == {"metadataFields": ["CREATED_AT", "EXPIRE_TIME"]}
    assert entry == KvsEntry("k", [1], created_at=5, expire_time="soon")


def test_set_gives_what_it_was_asked_to_return() -> None:
    """The value before or after."""
    with fake_platform(200, {"key": "k", "value": 1, "updatedAt": 7}) as hand:
        entry = kvs.set(
            "k", 2, return_value="PREVIOUS", return_metadata_fields=[MetadataField.UPDATED_AT]
        )
        assert hand.body["options"] == {
            "returnValue": "PREVIOUS",
            "returnMetadataFields": ["UPDATED_AT"],
        }
    assert entry == KvsEntry("k", 1, updated_at=7)


def test_an_unknown_key_is_none() -> None:
    """Only by its code."""
    with fake_platform(404, {"code": "KEY_NOT_FOUND", "message": "gone"}):
        assert kvs.get("k") is None
        assert kvs.get("k", metadata_fields=[]) is None
    with (
        fake_platform(404, {"code": "NOT_FOUND", "message": "gone"}),
        pytest.raises(sdk.ForgeKvsAPIError, match=r"^gone$"),
    ):
        kvs.get("k")


def test_a_refusal_of_the_store_has_code_context_and_details() -> None:
    """And the name that the package gives it."""
    body = {"code": "RATE_LIMIT_EXCEEDED", "message": "slow", "context": {"a": 1}, "b": 2}
    with (
        fake_platform(429, body, {"x-trace-id": "t"}),
        pytest.raises(sdk.ForgeKvsAPIError) as raised,
    ):
        kvs.set("k", 1)
    error = raised.value

    assert (error.code, error.message, error.name) == (
        "RATE_LIMIT_EXCEEDED",
        "slow",
        "ForgeKvsError",
    )
    assert error.context == {"a": 1, "b": 2}
    assert error.response_details["status"] == 429
    assert error.response_details["trace_id"] == "t"
    assert isinstance(error, sdk.ForgeKvsError)


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (200, "Unexpected error in Forge KVS API. Response was not valid JSON"),
        (500, "Unexpected error in Forge KVS API"),
    ],
)
def test_an_answer_without_json_is_unexpected(status: int, message: str) -> None:
    """Its code is UNKNOWN_ERROR."""
    with fake_platform(status, "?"), pytest.raises(sdk.ForgeKvsAPIError) as raised:
        kvs.get("k")

    assert (raised.value.message, raised.value.code) == (message, "UNKNOWN_ERROR")


def test_stores_are_awaited_on_a_loop() -> None:
    """As queues are."""

    async def handler() -> None:
        with fake_platform(204):
            assert await kvs.set("k", 1) is None  # type: ignore[func-returns-value]
            assert await kvs.delete("k") is None  # type: ignore[func-returns-value]
        with fake_platform(200, {"key": "k", "value": 1}):
            assert await kvs.get("k") == 1
            assert await kvs.set("k", 2, return_value="LATEST") == KvsEntry("k", 1)

    asyncio.run(handler())


@pytest.mark.parametrize(
    ("error", "options"),
    [
        (InvocationError(), {"retryAfter": 1, "retryReason": "FUNCTION_RETRY_REQUEST"}),
        (InvocationError(retry_after=0, retry_data=1), {"retryAfter": 1, "retryData": 1}),
        (InvocationError(retry_after=-5), {"retryAfter": 1}),
        (InvocationError(retry_after=2000), {"retryAfter": 2000}),
        (InvocationError(retry_after=None), {}),
        (
            InvocationError(retry_reason=InvocationErrorCode.FUNCTION_UPSTREAM_RATE_LIMITED),
            {"retryReason": "FUNCTION_UPSTREAM_RATE_LIMITED"},
        ),
    ],
)
def test_options_of_a_retry_are_those_of_the_package(
    error: InvocationError, options: dict[str, Any]
) -> None:
    """What is omitted stays so, and a wait is a second at least."""
    assert error.retry_options == options


def test_outside_the_emulator_one_error_says_how_to_run_it() -> None:
    """For each kind of call, and in a process that knows nothing but the SDK."""
    code = (
        "from forge_emu.sdk import *\n"
        "for call in (lambda: Queue('q').push({'body': {}}), lambda: kvs.get('k'),\n"
        "             lambda: storage.get('k'), get_app_context):\n"
        "    try: call()\n"
        "    except NotInEmulatorError as e: print(e)\n"
        "import sys\n"
        "print(sorted(m for m in sys.modules if m.startswith('forge_emu') and 'sdk' not in m))\n"
    )
    said = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.splitlines()

    assert len(set(said[:4])) == 1
    assert "forge-emu run" in said[0]
    assert said[4:] == ["['forge_emu']"]


def test_the_context_of_an_app() -> None:
    """Under the names of Python."""
    with fake_platform(204):
        context = sdk.get_app_context()

    assert context.app_ari == "ari:cloud:ecosystem::app/a"
    assert (context.module_key, context.license) == ("the-module", None)


def test_everything_that_is_exported_is_there() -> None:
    """Every name of `__all__`."""
    assert [name for name in sdk.__all__ if not hasattr(sdk, name)] == []
