"""The runtime for remotes, with a remote of the test's own on loopback."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import jwt
import pytest
from msgspec import Raw
from msgspec.structs import replace

from forge_emu.clock import VirtualClock
from forge_emu.errors import UserError
from forge_emu.model import (
    App,
    Endpoint,
    Failed,
    Invocation,
    ModuleKind,
    Remote,
    RemoteCall,
    Success,
)
from forge_emu.ports import (
    AppRequest,
    AppResponse,
    InvocationEnded,
    RemoteAnswered,
    RuntimeMessage,
    SentRequestEnded,
)
from forge_emu.runtime.remote.outcomes import ui_outcome
from forge_emu.runtime.remote.runtime import RemoteRuntime
from forge_emu.runtime.remote.tokens import KEY_FILE, TokenSigner, kept_signer, new_signer

APP = App(
    "ari:cloud:ecosystem::app/a", None, "manifest.yml", None, {}, (), (),
    remotes={"r": Remote("r", "http://x", 1)}, endpoints={"e": Endpoint("e", "r", "/x", 2)},
)  # fmt: skip
SIGNER = new_signer(lambda: 1_700_000_000_500)


def invocation(
    id: str = "inv-1", *, wants_result: bool = False, keeps_result: bool = False
) -> Invocation:
    """One of the endpoint."""
    return Invocation(
        id, "e", ModuleKind.TRIGGER, "t", Raw(b'{"n":1}'), {}, 1, "i1", False, 1, 5000, 5000,
        wants_result=wants_result, keeps_result=keeps_result,
    )  # fmt: skip


def call(url: str, timeout_ms: int = 5000) -> RemoteCall:
    """A call of a remote."""
    return RemoteCall(url, "POST", {}, "{}", "inv-1", "inv-1/", {}, "e", timeout_ms, 25)


class Told:
    """A runtime, and what it has said."""

    def __init__(self) -> None:
        self.messages: list[RuntimeMessage] = []
        self.runtime = RemoteRuntime(self._hear, VirtualClock(), lambda: SIGNER)

    def _hear(self, messages: Sequence[RuntimeMessage]) -> None:
        self.messages += messages

    async def round(self) -> list[RuntimeMessage]:
        """What a flush makes it say."""
        self.messages = []
        self.runtime.flush()
        while self.runtime.busy:
            await asyncio.sleep(0)
        return self.messages


async def serve(*answers: bytes) -> tuple[asyncio.Server, str]:
    """A server that gives these answers, the last one again and again."""
    left = list(answers)

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(left.pop(0) if len(left) > 1 else left[0])
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    return server, f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/x"


def ok(body: bytes, status: bytes = b"200 OK") -> bytes:
    """An HTTP answer."""
    head = b"HTTP/1.1 " + status + b"\r\ncontent-type: application/json\r\nconnection: close\r\n"
    return head + b"content-length: %d\r\n\r\n" % len(body) + body


async def outcome_of(
    answer: bytes, *, wants_result: bool = False, keeps_result: bool = False
) -> Any:
    """How an invocation ends that is answered so."""
    told = Told()
    await told.runtime.load_app(APP, 1)
    server, url = await serve(answer)
    async with server:
        told.runtime.invoke(invocation(wants_result=wants_result, keeps_result=keeps_result))
        (asked,) = await told.round()
        assert isinstance(asked, AppRequest)
        assert (asked.path, asked.method) == ("/x", "POST")
        assert asked.body == '{"payload":{"n":1}}'
        told.runtime.respond(asked.request_id, AppResponse(200, network="remote", remote=call(url)))
        sent, ended = await told.round()
        await told.runtime.close()
    assert isinstance(sent, SentRequestEnded)
    assert isinstance(ended, InvocationEnded)
    return ended.outcome


@pytest.mark.parametrize(
    ("body", "result"),
    [(b'{"a":1}', '{"a":1}'), (b"", None), (b"plain", '"plain"')],
)
def test_a_result_is_passed_on_where_it_is_wanted(body: bytes, result: str | None) -> None:
    """As JSON; what is none becomes a text."""
    assert asyncio.run(outcome_of(ok(body), wants_result=True)) == Success(result=result)
    assert asyncio.run(outcome_of(ok(body), keeps_result=True)) == Success(result=result)
    assert asyncio.run(outcome_of(ok(body))) == Success()


def test_what_is_no_http_is_a_failure() -> None:
    """Like a connection that is closed at once."""
    for answer in (b"nonsense\r\n\r\n", b""):
        outcome = asyncio.run(outcome_of(answer))
        assert isinstance(outcome, Failed)
        assert "the connection was closed without an HTTP answer" in outcome.error.message


def test_answers_are_said_in_the_order_of_the_calls() -> None:
    """And an invocation that was refused has its place among them."""

    async def run() -> list[RuntimeMessage]:
        told = Told()
        await told.runtime.load_app(APP, 1)
        server, url = await serve(ok(b""))
        async with server:
            for n in range(3):
                told.runtime.invoke(invocation(f"inv-{n}"))
            asked = await told.round()
            for n, each in enumerate(asked):
                assert isinstance(each, AppRequest)
                response = AppResponse(502, "held back", network="fail")
                if n != 1:
                    response = AppResponse(200, network="remote", remote=call(url))
                told.runtime.respond(each.request_id, response)
            said = await told.round()
            await told.runtime.close()
        return said

    ended = [each for each in asyncio.run(run()) if isinstance(each, InvocationEnded)]
    assert [each.invocation_id for each in ended] == ["inv-0", "inv-1", "inv-2"]
    assert isinstance(ended[1].outcome, Failed)
    assert ended[1].outcome.error.message == "held back"


def test_a_function_gets_the_remotes_answer() -> None:
    """Or a status that says that there was none."""

    async def run(*answers: bytes, timeout_ms: int = 5000) -> AppResponse:
        told = Told()
        await told.runtime.load_app(APP, 1)
        server, url = await serve(*answers)
        async with server:
            told.runtime.send_call(7, call(url, timeout_ms))
            _, answered = await told.round()
            await told.runtime.close()
        assert isinstance(answered, RemoteAnswered)
        assert answered.request_id == 7
        return answered.response

    found = asyncio.run(run(ok(b"[]", b"404 Not Found")))
    assert (found.status, found.body) == (404, "[]")
    assert found.headers == {"content-type": "application/json"}
    assert asyncio.run(run(b"")).status == 502


def test_the_key_pair_is_made_once(tmp_path: Path) -> None:
    """A file that is no key is one error."""

    def write(path: Path, content: bytes) -> None:
        path.write_bytes(content)

    def made() -> TokenSigner:
        return kept_signer(tmp_path, lambda: 0, write)

    assert made().jwks == made().jwks
    assert new_signer(lambda: 0).jwks != made().jwks

    (tmp_path / KEY_FILE).write_text("nonsense")
    with pytest.raises(UserError, match="is no private RSA key"):
        made()


def test_a_token_holds_as_long_as_the_call_says() -> None:
    """From the machine's second on; the key's id is in its head."""
    token = SIGNER.invocation_token(APP, 2, call("http://x"))
    claims = jwt.decode(token, options={"verify_signature": False})

    assert (claims["iat"], claims["nbf"], claims["exp"]) == (1_700_000_000,) * 2 + (1_700_000_025,)
    assert claims["app"]["appVersion"] == "2.0.0"
    assert jwt.get_unverified_header(token)["kid"] == SIGNER.jwks["keys"][0]["kid"]
    assert "d" not in SIGNER.jwks["keys"][0]


@pytest.mark.parametrize(
    ("status", "kind", "body", "said"),
    [
        (200, "application/json", '{"a":1}', '"body":{"a":1}'),
        (204, "", "", '"status":204}'),
        (200, "text/html", "[1]", '"body":[1]'),
        (404, "application/json; charset=utf-8", "{}", '"status":404,"body":{}'),
        (401, "application/json", "{}", "Remote could not verify the Forge Invocation Token"),
        (500, "text/html", "<p>", "content-type header must be set to application/json and is"),
        (500, "", "", "cannot parse body as JSON. Status: 500."),
        (200, "application/json", "{", "cannot parse body as JSON. Status: 200."),
    ],
)
def test_what_a_ui_gets_of_a_remote(status: int, kind: str, body: str, said: str) -> None:
    """The answer, or the error that the bridge documents."""
    outcome = ui_outcome(status, {"content-type": [kind]} if kind else {}, body)

    text = outcome.result if isinstance(outcome, Success) else outcome.error.message  # type: ignore[union-attr]
    assert said in (text or "")
    assert isinstance(outcome, Success) == (said.startswith('"'))


@pytest.mark.parametrize("forwarded", [True, False])
def test_a_callers_authorization_stays_where_its_request_is_passed_on(forwarded: bool) -> None:
    """Else the invocation token is what the remote gets, whoever asked for another."""
    given = replace(call("http://x"), headers={"authorization": "Basic me"}, forwarded=forwarded)
    headers = asyncio.run(_headers(given))

    assert (headers["authorization"] == "Basic me") == forwarded
    assert headers["authorization"].startswith("Basic" if forwarded else "Bearer ")


async def _headers(given: RemoteCall) -> dict[str, str]:
    told = Told()
    await told.runtime.load_app(APP, 1)
    return told.runtime._headers(given, 1)
