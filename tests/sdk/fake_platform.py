"""A fake of the platform behind the SDK."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from forge_emu.sdk import platform as sdk_door
from forge_emu.sdk.platform import ServiceRequest, ServiceResponse

JOB = "00000000-0000-4000-8000-000000000001"
PAGE_FOUND = {"data": [{"key": "a", "value": 1, "createdAt": 5}], "cursor": "on"}
"""A page of one value, and the cursor to the next."""


class FakePlatformClient:
    """Answers every request with `response`, and records it."""

    def __init__(self, response: ServiceResponse) -> None:
        self.response = response
        self.requests: list[ServiceRequest] = []

    def send(self, request: ServiceRequest) -> ServiceResponse:
        """Answer at once."""
        self.requests.append(request)
        return self.response

    def send_nowait(
        self, request: ServiceRequest, on_response: Callable[[ServiceResponse], None]
    ) -> None:
        """Answer on the loop's next pass."""
        self.requests.append(request)
        asyncio.get_running_loop().call_soon(on_response, self.response)

    def now_iso(self) -> str:
        """A fixed instant."""
        return "2026-11-24T10:00:00.000Z"

    def new_id(self) -> str:
        """A fixed id."""
        return JOB

    def app_context(self) -> Mapping[str, Any]:
        """A small app."""
        return {
            "app_ari": "ari:cloud:ecosystem::app/a",
            "app_version": "1.0.0",
            "environment_ari": "ari:cloud:ecosystem::environment/a/local",
            "environment_type": "DEVELOPMENT",
            "module_key": "the-module",
        }

    @property
    def body(self) -> Any:
        """The JSON body of the last request."""
        return json.loads(self.requests[-1].body or "null")


@contextmanager
def fake_platform(
    status: int, body: Any = None, headers: Mapping[str, str] | None = None, text: str = ""
) -> Iterator[FakePlatformClient]:
    """Let every call of the SDK meet this answer; `body` is text, or becomes JSON."""
    said = body if isinstance(body, str) else "" if body is None else json.dumps(body)
    client = FakePlatformClient(ServiceResponse(status, said, headers or {}, text))
    before = sdk_door._client
    sdk_door.install_client(client)
    try:
        yield client
    finally:
        sdk_door._client = before
