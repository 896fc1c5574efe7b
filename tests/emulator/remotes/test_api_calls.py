"""What a remote asks of a running emulator, with the token that it was given."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from forge_emu.emulator.remotes.api_calls import ApiCalls
from forge_emu.model import App, RemoteCall
from forge_emu.ports import AppResponse
from forge_emu.runtime.remote.tokens import TokenSigner, new_signer
from forge_emu.services.remote_api.messages import ApiRequest
from tests.emulator.harness import LoopHarness, in_event_loop

CALL = RemoteCall("http://x", "POST", {}, None, "inv-1", "inv-1/", {}, "e", 5000, 25)
SCOPES = ("storage:app", "read:app-system-token", "write:jira-work", "read:jira-work")


class Served:
    """A running emulator whose clock for tokens is `seconds`."""

    def __init__(self) -> None:
        self.seconds = 1_700_000_000
        self.harness = LoopHarness()
        engine = self.harness.engine
        engine.replace_app(msgspec.structs.replace(engine.app, scopes=SCOPES))
        self.signer = new_signer(lambda: self.seconds * 1000)
        self._calls = ApiCalls(self.harness.loop, lambda: self.signer)

    @property
    def app(self) -> App:
        """The app."""
        return self.harness.engine.app

    def ask(self, path: str, body: Any, token: str | None = None) -> AppResponse:
        """The answer; with the token of the app where none is given."""
        return self.send(path, msgspec.json.encode(body).decode(), token)

    def send(self, path: str, text: str | None, token: str | None = None) -> AppResponse:
        """The answer to any text."""
        given = self.signer.system_token(self.app, CALL) if token is None else token
        return self._calls.answer_api(ApiRequest("POST", path, {}, text, given))


@in_event_loop
async def test_the_store_keeps_what_a_remote_sets() -> None:
    """It is the store of the app."""
    served = Served()
    done = served.ask("/forge/storage/kvs/v1/set", {"key": "a", "value": [1]})
    found = served.ask("/forge/storage/kvs/v1/get", {"key": "a"})
    missing = served.ask("/forge/storage/kvs/v1/get", {"key": "b"})

    assert done.status < 300
    assert msgspec.json.decode(found.body) == {"key": "a", "value": [1]}
    assert missing.status == 404
    assert msgspec.json.decode(missing.body)["code"] == "KEY_NOT_FOUND"


@in_event_loop
async def test_a_product_answers_from_the_site() -> None:
    """At the address that the invocation token names."""
    served = Served()
    cloud = served.harness.engine.installation.cloud_id
    answer = served.ask(
        f"/ex/jira/{cloud}/rest/api/3/issue",
        {"fields": {"project": {"key": "EMU"}, "summary": "s", "issuetype": {"name": "Task"}}},
    )

    assert answer.status == 201
    assert msgspec.json.decode(answer.body)["key"].startswith("EMU-")


@pytest.mark.parametrize(
    ("path", "body", "status", "words"),
    [
        ("/forge/storage/kvs/v1/set", "{", 400, "could not be read"),
        ("/forge/storage/kvs/v1/set", None, 400, "could not be read"),
        ("/forge/storage/kvs/v1/nope", "{}", 501, "does not emulate"),
        ("/ex/jira/{cloud}/rest/api/3/issue", "{", 400, "There was an error parsing JSON"),
        ("/ex/jira/elsewhere/rest/api/3/issue", "{}", 404, "see app.apiBaseUrl"),
    ],
)
@in_event_loop
async def test_what_cannot_be_read_is_one_message(
    path: str, body: str | None, status: int, words: str
) -> None:
    """As the app's own call would be refused."""
    served = Served()
    path = path.format(cloud=served.harness.engine.installation.cloud_id)
    answer = served.send(path, body)

    assert answer.status == status
    assert words in answer.body


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("none", "none that this emulator has signed"),
        ("foreign", "none that this emulator has signed"),
        ("invocation", "an invocation token is no OAuth token"),
        ("another app", "that of another app"),
        ("expired", "has expired"),
        ("user", "x-forge-oauth-system alone"),
    ],
)
@in_event_loop
async def test_a_token_that_does_not_hold(kind: str, words: str) -> None:
    """It is refused with what is wrong, and nothing is called."""
    served = Served()
    token = _token(served, kind)
    if kind == "expired":
        served.seconds += 2 * 3600
    refused = served.ask("/forge/storage/kvs/v1/set", {"key": "a", "value": 1}, token)

    assert refused.status == 401
    assert words in msgspec.json.decode(refused.body)["message"]
    assert served.harness.engine.take_records() == []


def _token(served: Served, kind: str) -> str:
    signer: TokenSigner = served.signer
    other = msgspec.structs.replace(served.app, id="ari:cloud:ecosystem::app/other")
    if kind == "none":
        return "nonsense"
    if kind == "foreign":
        return new_signer(lambda: served.seconds * 1000).system_token(served.app, CALL)
    if kind == "invocation":
        return signer.invocation_token(served.app, 1, CALL)
    if kind == "user":
        return signer.user_token(served.app, CALL, "me")
    return signer.system_token(other if kind == "another app" else served.app, CALL)
