"""The control API answers its own, and nobody else; wrong input changes nothing."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import httpx
import pytest

from forge_emu.control.api import create_api
from forge_emu.control.http import most_body
from forge_emu.records import RecordBatch
from tests.control.fakes import TOKEN, FakeEmulator, sample_records

GOOD = {"authorization": f"Bearer {TOKEN}"}


@pytest.fixture
def pretender() -> FakeEmulator:
    return FakeEmulator()


class Http:
    """Requests to the application, without a socket."""

    def __init__(self, pretender: FakeEmulator) -> None:
        self._app = create_api(pretender)

    def request(self, method: str, path: str, **arguments: Any) -> httpx.Response:
        """One request in a loop of its own."""
        return asyncio.run(self._request(method, path, **arguments))

    def get(self, path: str, **arguments: Any) -> httpx.Response:
        """GET."""
        return self.request("GET", path, **arguments)

    def post(self, path: str, **arguments: Any) -> httpx.Response:
        """POST."""
        return self.request("POST", path, **arguments)

    async def _request(self, method: str, path: str, **arguments: Any) -> httpx.Response:
        transport = httpx.ASGITransport(self._app, raise_app_exceptions=False)
        async with httpx.AsyncClient(
            transport=transport, base_url="http://127.0.0.1:4242", headers=GOOD
        ) as client:
            return await client.request(method, path, **arguments)


@pytest.fixture
def http(pretender: FakeEmulator) -> Http:
    return Http(pretender)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"authorization": ""}, 401),
        ({"authorization": "Bearer wrong"}, 401),
        ({"authorization": f"Basic {TOKEN}"}, 401),
        ({"host": "evil.example"}, 403),
        ({"host": "127.0.0.1.evil.example:80"}, 403),
        ({"host": "localhost:99"}, 200),
        ({"host": "[::1]:99"}, 200),
        ({"origin": "https://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": "http://127.0.0.1:4242"}, 200),
    ],
)
def test_only_this_machines_own_programs_are_answered(
    http: Http, pretender: FakeEmulator, headers: dict[str, str], status: int
) -> None:
    """Token, Host and Origin; whoever is refused is on record."""
    answer = http.get("/v1/status", headers=headers)
    assert answer.status_code == status
    if status == 200:
        assert not pretender.refusals
        return
    (refusal,) = pretender.refusals
    assert refusal.status == status
    assert refusal.path == "/v1/status"
    assert refusal.reason == answer.json()["error"]["message"]


def test_an_order_is_placed(http: Http, pretender: FakeEmulator) -> None:
    """All of its fields arrive."""
    order = {"event": "issue-created", "count": 3, "sets": [["a.b", "1"]], "data": {"x": None}}
    answer = http.post("/v1/trigger", json=order)
    assert answer.json()["last"] == "EMU-3"
    (placed,) = pretender.orders
    assert (placed.count, placed.sets, placed.data) == (3, [("a.b", "1")], {"x": None})


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"[]", 400),
        (b'{"event": 5}', 400),
        (b'{"event": "x", "cuont": 2}', 400),
        (b'{"event": "\xff"}', 400),
        (b"[" * 100_000, 400),
        (b'{"event": "x", "count": 1001}', 400),
        (b" " * (most_body("/v1/trigger") + 1), 413),
    ],
)
def test_wrong_bodies_are_refused_and_change_nothing(
    http: Http, pretender: FakeEmulator, content: bytes, status: int
) -> None:
    """One message each."""
    answer = http.post("/v1/trigger", content=content)
    assert answer.status_code == status
    assert [r.reason for r in pretender.refusals] == [answer.json()["error"]["message"]]
    assert not pretender.orders


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/v1/nothing", None, 404),
        ("GET", "/v1/trigger", None, 405),
        ("DELETE", "/v1/status", None, 405),
        ("GET", "/v1/batches/b2", None, 404),
        ("GET", "/v1/batches/b1", None, 200),
        ("GET", "/v1/batches/b1/summary", None, 200),
        ("GET", "/v1/batches/b2/summary", None, 404),
        ("GET", "/v1/limits", None, 200),
        ("GET", "/v1/queue?limit=5", None, 200),
        ("GET", "/v1/queue?limit=-5", None, 400),
        ("GET", "/v1/queue?limit=99999999999999999999", None, 400),
        ("GET", "/v1/records?since=soon", None, 400),
        ("GET", "/v1/records?type=nothing", None, 400),
        ("POST", "/v1/clock", {"action": "next"}, 200),
        ("POST", "/v1/clock", {"action": "back"}, 400),
    ],
)
def test_routes(http: Http, method: str, path: str, body: Any, status: int) -> None:
    """Each answers with its status and JSON."""
    answer = http.request(method, path, json=body) if body else http.request(method, path)
    assert answer.status_code == status
    assert isinstance(answer.json(), dict)


def test_a_defect_is_a_500_with_words(http: Http, pretender: FakeEmulator) -> None:
    """Not a traceback, and not a closed connection."""

    def broken() -> Any:
        raise RuntimeError("broken")

    pretender.status = broken  # type: ignore[method-assign]
    answer = http.get("/v1/status")
    assert answer.status_code == 500
    assert "broken" in answer.json()["error"]["message"]


def lines(answer: httpx.Response) -> list[dict[str, Any]]:
    """The records of an answer."""
    return [json.loads(line) for line in answer.text.splitlines()]


def test_history_is_filtered_by_lineage_from_before_its_beginning(
    http: Http, pretender: FakeEmulator
) -> None:
    """`since` does not make the filter forget whose an invocation is."""
    pretender.hub.publish_batch(RecordBatch(sample_records()))
    every = lines(http.get("/v1/records"))
    assert [x["seq"] for x in every] == list(range(1, len(sample_records()) + 1))
    late = lines(http.get("/v1/records", params={"since": 10, "queue": "fast"}))
    assert [x["type"] for x in late] == ["kvs.refused", "invocation.finished", "retry.scheduled"]
    recent = lines(http.get("/v1/records", params={"since_at": 16_000}))
    assert [x["at"] for x in recent] == [16_000, 17_000]


def test_the_keys_of_tokens_are_for_everybody(pretender: FakeEmulator) -> None:
    """Remotes have no token of the session, and their own names for this machine."""
    http = Http(pretender)
    headers = {"host": "host.docker.internal:1"}

    assert http.get("/.well-known/jwks.json", headers=headers).json() == {"keys": []}
    assert http.post("/.well-known/jwks.json", headers=headers).status_code == 403
    assert http.get("/v1/status", headers=headers).status_code == 403
