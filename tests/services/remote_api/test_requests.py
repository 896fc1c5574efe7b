"""Requests of remotes to the store and the products, as requests of the app."""

from __future__ import annotations

import msgspec
import pytest

from forge_emu.ports import AppRequest, AppResponse
from forge_emu.services.remote_api.messages import ApiCaller, ApiRequest
from forge_emu.services.remote_api.requests import is_api_path, read_request

SCOPES = ("storage:app", "read:app-system-token")
APP = ApiCaller()


def read(
    path: str, caller: ApiCaller = APP, scopes: tuple[str, ...] = SCOPES
) -> AppRequest | AppResponse:
    """What a request to a path is."""
    asked = ApiRequest("POST", path, {"x": "y"}, "{}", "token")
    return read_request(asked, caller, 7, "cloud-1", scopes)


def test_the_store_is_asked_as_by_the_package() -> None:
    """The same calls, by other paths."""
    asked = read("/forge/storage/kvs/v1/batch/set")

    assert isinstance(asked, AppRequest)
    assert (asked.options["type"], asked.path, asked.body) == ("kvs", "/api/v1/batch/set", "{}")
    assert (asked.request_id, asked.invocation_id) == (7, None)


@pytest.mark.parametrize(
    ("caller", "provider", "account"),
    [(APP, "app", None), (ApiCaller("me"), "user", "me")],
)
def test_a_product_is_asked_in_the_name_of_the_token(
    caller: ApiCaller, provider: str, account: str | None
) -> None:
    """Of the app, or of the user."""
    asked = read("/ex/jira/cloud-1/rest/api/3/issue/EMU-1?expand=names", caller)

    assert isinstance(asked, AppRequest)
    assert asked.path == "/rest/api/3/issue/EMU-1?expand=names"
    assert (asked.options["provider"], asked.options.get("accountId")) == (provider, account)
    assert asked.options["remote"] == "jira"


@pytest.mark.parametrize(
    ("path", "caller", "scopes", "status", "words"),
    [
        ("/forge/storage/kvs/v1/get", ApiCaller("me"), SCOPES, 401, "x-forge-oauth-system alone"),
        ("/forge/storage/kvs/v1/get", APP, ("storage:app",), 401, "read:app-system-token"),
        ("/ex/jira/other/rest/api/3/field", APP, SCOPES, 404, "No site 'other' of 'jira'"),
        ("/ex/compass/cloud-1/x", APP, SCOPES, 404, "of 'compass'"),
    ],
)
def test_what_is_refused(
    path: str, caller: ApiCaller, scopes: tuple[str, ...], status: int, words: str
) -> None:
    """With code and message, as the gateway and the store have them."""
    refused = read(path, caller, scopes)

    assert isinstance(refused, AppResponse)
    body = msgspec.json.decode(refused.body)
    assert refused.status == status
    assert words in body["message"]
    assert set(body) == {"code", "message"}


def test_other_paths_belong_to_others() -> None:
    """The control API and web triggers among them."""
    paths = ("/v1/status", "/x1/0-a", "/forge/storage/", "/exx/jira")
    assert [path for path in paths if is_api_path(path)] == []
    assert is_api_path("/ex/jira/c/rest")
