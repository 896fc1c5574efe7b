"""Calls a web trigger as anybody does who has its address: over HTTP, without a token."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlencode

import msgspec

from forge_emu.control.local_http import httpx, local_http_client
from forge_emu.errors import NoEmulatorError


class WebTriggerOrder(msgspec.Struct, frozen=True):
    """A request to a web trigger. `path` is what follows its address."""

    method: str
    path: str = ""
    query: Sequence[tuple[str, str]] = ()
    headers: Sequence[tuple[str, str]] = ()
    body: bytes | None = None


class WebTriggerAnswer(msgspec.Struct, frozen=True):
    """What the caller of a web trigger got. `headers` are in their order, with repetitions."""

    url: str
    method: str
    status: int
    status_text: str
    headers: list[tuple[str, str]]
    body: str


def call_address(
    address: str, order: WebTriggerOrder, transport: httpx.BaseTransport | None = None
) -> WebTriggerAnswer:
    """Send a request to the address of a web trigger, and wait for the answer as long as it takes.

    Raises NoEmulatorError where nothing answers.
    """
    url = address + order.path + (f"?{urlencode(order.query)}" if order.query else "")
    with local_http_client(answer_seconds=None, transport=transport) as client:
        try:
            answer = client.request(
                order.method, url, headers=list(order.headers), content=order.body
            )
        except httpx.HTTPError as error:
            raise NoEmulatorError(
                f"the emulator at {address} did not answer: {error or type(error).__name__}",
                "It may have been stopped meanwhile.",
            ) from None
    return WebTriggerAnswer(
        url, order.method, answer.status_code, answer.reason_phrase,
        [(name.decode("latin-1"), value.decode("latin-1")) for name, value in answer.headers.raw],
        answer.text,
    )  # fmt: skip
