"""A door that tests play by hand."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from forge_emu.sdk import door as sdk_door
from forge_emu.sdk.door import Request, Response

JOB = "00000000-0000-4000-8000-000000000001"


class HandDoor:
    """Answers every request with `response`, and keeps it."""

    def __init__(self, response: Response) -> None:
        self.response = response
        self.requests: list[Request] = []

    def ask(self, request: Request) -> Response:
        """Answer at once."""
        self.requests.append(request)
        return self.response

    def ask_soon(self, request: Request, answered: Callable[[Response], None]) -> None:
        """Answer on the loop's next pass."""
        self.requests.append(request)
        asyncio.get_running_loop().call_soon(answered, self.response)

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
def answering(
    status: int, body: Any = None, headers: Mapping[str, str] | None = None, text: str = ""
) -> Iterator[HandDoor]:
    """Let every call of the SDK meet this answer; `body` is text, or becomes JSON."""
    said = body if isinstance(body, str) else "" if body is None else json.dumps(body)
    hand = HandDoor(Response(status, said, headers or {}, text))
    before = sdk_door._door
    sdk_door.install(hand)
    try:
        yield hand
    finally:
        sdk_door._door = before
