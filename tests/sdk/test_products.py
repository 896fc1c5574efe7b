"""Requests to products: what is sent, and what is read of the answer."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from forge_emu.sdk import ProductResponse, ProxyRequestError, api
from tests.sdk.fake_platform import fake_platform


def test_a_request_says_who_asks_whom() -> None:
    """The words by which the platform names the service; a body becomes JSON, text stays."""
    with fake_platform(200, {"key": "EMU-1"}) as door:
        app, user = api.as_app(), api.as_user()
        app.request_jira("/rest/api/3/issue/EMU-1")
        user.request_confluence("/wiki/api/v2/pages", method="post", body={"a": [1]})
        app.request_jira("/x", method="PUT", headers={"X-A": "b"}, body="as it is")
    services = [request.service for request in door.requests]
    assert services == [
        {"type": "fpp", "provider": "app", "remote": "jira"},
        {"type": "fpp", "provider": "user", "remote": "confluence"},
        {"type": "fpp", "provider": "app", "remote": "jira"},
    ]
    sent = [(r.method, r.path, r.body, dict(r.headers)) for r in door.requests]
    assert sent == [
        ("GET", "/rest/api/3/issue/EMU-1", None, {}),
        ("POST", "/wiki/api/v2/pages", '{"a":[1]}', {}),
        ("PUT", "/x", "as it is", {"X-A": "b"}),
    ]


@pytest.mark.parametrize("status", [200, 204, 404, 429, 501])
def test_no_status_is_an_error_by_itself(status: int) -> None:
    """As with `@forge/api`, the app looks at `ok`."""
    with fake_platform(status, {"a": 1}, {"retry-after": "5"}):
        answer = api.as_app().request_jira("/x")
    assert (answer.status, answer.ok) == (status, status < 300)
    assert answer.json() == {"a": 1}
    assert answer.headers["retry-after"] == "5"


def test_an_answer_that_is_no_json() -> None:
    """Its text can be had."""
    with fake_platform(200, "<a/>"):
        answer = api.as_app().request_jira("/x")
    assert answer.text() == "<a/>"
    with pytest.raises(ValueError, match="Expecting value"):
        answer.json()


def test_it_can_be_awaited() -> None:
    """In an async handler."""

    async def handler() -> ProductResponse:
        return await api.as_app().request_jira("/x")

    with fake_platform(200, {"a": 1}):
        assert asyncio.run(handler()).json() == {"a": 1}


@pytest.mark.parametrize("path", ["", "x", "https://example.com/x"])
def test_a_path_begins_with_a_slash(path: str) -> None:
    """The path is quoted."""
    with fake_platform(200), pytest.raises(ValueError, match="does not begin with /") as caught:
        api.as_app().request_jira(path)
    assert repr(path) in str(caught.value)


def test_what_the_platform_itself_refuses_is_raised() -> None:
    """By the header that says so."""
    headers: dict[str, Any] = {"forge-proxy-error": "SOME_ERR"}
    with fake_platform(403, headers=headers), pytest.raises(ProxyRequestError):
        api.as_app().request_jira("/x")
