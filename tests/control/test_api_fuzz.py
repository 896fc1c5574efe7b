"""Whatever is sent to a running emulator's control API: an answer, no defect, nothing changed."""

from __future__ import annotations

import asyncio
import json
from typing import Any
from urllib.parse import quote

import httpx
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.routing import Route

from forge_emu.clock import SeededRandom
from forge_emu.control.api import create_api
from forge_emu.emulator.emulator import Emulator
from forge_emu.services.remote_api.requests import is_api_path
from forge_emu.services.web_triggers.addresses import split_path
from forge_emu.settings import Settings
from tests.control.fakes import TOKEN, FakeEmulator
from tests.emulator.harness import ManualClock
from tests.engine.world import app

ROUTES = [route for route in create_api(FakeEmulator()).routes if isinstance(route, Route)]
PATHS = st.sampled_from([route.path for route in ROUTES]) | st.text(max_size=30)
# fmt: off
WORDS = st.sampled_from([
    "event", "count", "rate_per_second", "spread_ms", "sets", "data", "action", "target", "queue",
    "pause", "resume", "step", "next", "issue-created", "avi:jira:created:issue", "all", "key",
    "value", "speed", "until", "limit", "since", "since_at", "who", "type", "outcome", "1", "0",
])
# fmt: on
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | WORDS | st.text(max_size=6)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=4),
    max_leaves=12,
)
BODIES = VALUES | st.binary(max_size=60)
QUERIES = st.dictionaries(WORDS, st.text(max_size=8) | WORDS, max_size=3)
NESTED = st.sampled_from([b"[" * 100_000, b'{"a":' * 50_000, b'"' + b"x" * 500_000])


class Wish:
    """A request."""

    def __init__(self, method: str, path: str, query: dict[str, str], body: Any) -> None:
        self.method = method
        self.path = "/" + path.strip("/").replace("{batch}", "b1").replace("{event_id:path}", "e/x")
        self.query = {k: v for k, v in query.items() if k != "follow"}
        self.body = body

    async def send(self, client: httpx.AsyncClient) -> httpx.Response:
        """Send it."""
        is_raw = isinstance(self.body, bytes)
        content = self.body if is_raw else _text(self.body)
        path = httpx.URL("http://127.0.0.1").copy_with(raw_path=_path(self.path)).raw_path.decode()
        return await client.request(self.method, path, params=self.query, content=content)

    def __repr__(self) -> str:
        return f"{self.method} {self.path!r} {self.query} {str(self.body)[:200]}"


def _text(value: Any) -> bytes:
    return json.dumps(value).encode()


def _path(path: str) -> bytes:
    return quote(path.encode("utf-8", "replace")).encode()


WISHES = st.builds(
    Wish,
    st.sampled_from(["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD"]),
    PATHS,
    QUERIES,
    BODIES | NESTED,
)


@settings(max_examples=120, deadline=None)
@given(st.lists(WISHES, min_size=1, max_size=6))
def test_any_request(wishes: list[Wish]) -> None:
    """No status from 500 on, a message with each refusal, and the emulator goes on."""
    asyncio.run(_send(wishes))


async def _send(wishes: list[Wish]) -> None:
    failures: list[Exception] = []
    emulator = Emulator(
        app(), Settings(), ManualClock(), SeededRandom(1), token=TOKEN, on_failure=failures.append
    )
    transport = httpx.ASGITransport(create_api(emulator), raise_app_exceptions=False)
    async with httpx.AsyncClient(
        transport=transport,
        base_url="http://127.0.0.1:4242",
        headers={"authorization": f"Bearer {TOKEN}"},
    ) as client:
        for wish in wishes:
            answer = await wish.send(client)
            assert answer.status_code < 500, (wish, answer.text)
            if answer.status_code >= 400 and wish.method != "HEAD" and answer.status_code != 405:
                path = httpx.URL(answer.url).path
                for_anybody = split_path(path) is not None or is_api_path(path)
                said = answer.json() if for_anybody else answer.json()["error"]
                assert said["message"], wish
        assert (await client.get("/v1/status")).status_code == 200
    emulator.loop.stop()
    assert failures == []
