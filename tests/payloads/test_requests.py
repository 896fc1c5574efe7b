"""What is kept of requests and answers."""

from __future__ import annotations

import pytest

from forge_emu.model import RemoteCall
from forge_emu.payloads.requests import (
    HIDDEN,
    MOST_TEXT,
    NOT_KEPT,
    answered,
    asked,
    is_secret_call,
    kept_text,
)
from forge_emu.ports import AppRequest, AppResponse


def mask(text: str) -> str:
    """Without the one secret there is."""
    return text.replace("canary", "[KEY]")


def request(path: str, kind: str = "", body: str | None = None) -> AppRequest:
    """A request with a header that must not be kept."""
    return AppRequest(1, "i", {"type": kind}, path, "POST", {"authorization": "canary"}, body)


def test_bodies_are_kept_without_secrets_and_headers_not_at_all() -> None:
    """As the app sent and got them."""
    kept = asked(request("/rest/api/3/issue", body='{"a":"canary"}'), mask)
    answered(kept, AppResponse(201, '{"key":"canary-1"}', {"set-cookie": "canary"}), mask)

    assert (kept.method, kept.url, kept.status) == ("POST", "/rest/api/3/issue", 201)
    assert (kept.sent, kept.answer) == ('{"a":"[KEY]"}', '{"key":"[KEY]-1"}')


@pytest.mark.parametrize(
    ("message", "secret"),
    [
        (request("/api/v1/secret/set", "kvs"), True),
        (request("/api/v1/secret/get", "kvs"), True),
        (request("/api/v1/set", "kvs"), False),
        (request("/forge/entities/graphql", body='{"encrypted":true}'), True),
        (request("/forge/entities/graphql", body='{"encrypted": true}'), True),
        (request("/forge/entities/graphql", body='{"encrypted":false}'), False),
    ],
)
def test_calls_of_the_store_of_secrets_have_no_bodies(message: AppRequest, secret: bool) -> None:
    """Whatever is in them, also numbers."""
    assert is_secret_call(message) is secret
    kept = asked(message, mask)
    answered(kept, AppResponse(200, '{"value":12345}'), mask)
    assert (kept.answer == HIDDEN, kept.sent == HIDDEN) == (secret, secret)


def test_addresses_outside_are_shown_as_in_records() -> None:
    """What looks like a key in one is not shown."""
    url = "https://hooks.example.com/T0/a1B2c3D4e5F6g7H8i9J0k1L2?token=x&n=1"
    assert (
        asked(request(url, "egress"), mask).url == "https://hooks.example.com/T0/***?token=***&n=1"
    )


def test_what_goes_out_is_not_answered_yet() -> None:
    """Neither a request to its real address nor a call of a remote, which has an address now."""
    kept = asked(request("https://example.com/x", "egress"), mask)
    answered(kept, AppResponse(200, "25", network="send"), mask)
    assert (kept.status, kept.answer) == (None, NOT_KEPT)
    call = RemoteCall(
        "https://remote.example.com/y?key=z", "GET", {}, None, "i", "t", {}, "m", 1, 1
    )
    answered(kept, AppResponse(200, remote=call), mask)
    assert (kept.url, kept.status) == ("https://remote.example.com/y?key=***", None)


def test_a_request_that_fails_has_no_status() -> None:
    """Its answer is the message."""
    kept = asked(request("https://example.com/x", "egress"), mask)
    answered(kept, AppResponse(502, "held back", network="fail"), mask)
    assert (kept.status, kept.answer) == (None, "held back")


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        (None, None),
        ("", None),
        ("canary", "[KEY]"),
        ("x" * MOST_TEXT, "x" * MOST_TEXT),
        ("x" * (MOST_TEXT + 1), "x" * MOST_TEXT + "… (64,001 characters in all)"),
        ("PNG\x00\x01", "(5 characters of binary data)"),
    ],
)
def test_long_and_binary_bodies(text: str | None, kept: str | None) -> None:
    """The one is cut, the other left out; both are said."""
    assert kept_text(text, mask) == kept


def test_a_secret_is_not_cut_in_two() -> None:
    """Its beginning would be shown."""
    assert "cana" not in (kept_text("x" * (MOST_TEXT - 3) + "canary" + "y" * 9, mask) or "")
