"""Requests to web triggers as tests make them, and what their callers get."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

import msgspec

from forge_emu.control.calls.contract import WebTriggerCallOrder
from forge_emu.emulator.app_modules.known import check_web_trigger
from forge_emu.emulator.emulator import Emulator
from forge_emu.emulator.function_calls.web_triggers import request_of
from forge_emu.errors import UserError
from forge_emu.model import Json
from forge_emu.services.web_triggers.messages import METHODS, WebTriggerRequest
from forge_emu.services.web_triggers.signatures import sign
from forge_emu.settings import WEB_TRIGGER_SIGNATURE_HEADER

_METHODS: Final = ", ".join(METHODS)


@dataclass(frozen=True)
class WebResponse:
    """What the caller of a web trigger gets.

    `headers` are in their order, with repetitions; `problem` says why it is not what the handler
    has returned.
    """

    status: int
    headers: list[tuple[str, str]]
    body: str
    problem: str | None = None

    def json(self) -> Any:
        """The body, read as JSON. Raises ValueError where it is none."""
        return msgspec.json.decode(self.body)

    def header(self, name: str) -> str | None:
        """The first header of this name, None where there is none."""
        return next((value for n, value in self.headers if n.lower() == name.lower()), None)


def web_request(
    emulator: Emulator,
    key: str,
    body: Json | bytes,
    method: str | None,
    headers: Mapping[str, str],
    path: str,
    query: str | Mapping[str, str | Sequence[str]],
    secret: str | None,
) -> WebTriggerRequest:
    """A request to the web trigger `key`. Raises UserError for what HTTP cannot send."""
    app = emulator.engine.app
    check_web_trigger(key, app)
    trigger = next(each for each in app.web_triggers if each.key == key)
    word = (method or ("GET" if body is None else "POST")).upper()
    if word not in METHODS:
        raise UserError(f"a web trigger takes no method {word[:40]!r}", f"It takes {_METHODS}.")
    if path and not path.startswith("/"):
        raise UserError(f"the path {path[:80]!r} does not begin with /", "Write '/more'.")
    text = query if isinstance(query, str) else urlencode(query, doseq=True)
    content = body.decode("utf-8", "replace") if isinstance(body, bytes) else body
    order = WebTriggerCallOrder(
        key, word, list(headers.items()), content, path, text.removeprefix("?")
    )
    if not emulator.loop.services.web_triggers.urls_of(trigger):
        raise UserError(
            f"the web trigger {key!r} has no address: the app has deleted it",
            "webTrigger.getUrl in the app makes a new one.",
        )
    request = request_of(order, emulator.loop.services.web_triggers.path_of(trigger))
    if secret is None:
        return request
    name = emulator.engine.settings[WEB_TRIGGER_SIGNATURE_HEADER]
    return msgspec.structs.replace(
        request, headers=[*request.headers, (name, sign(request.raw, secret))]
    )
