"""The `invokeRemote` of a UI, as the endpoint of its module gets it.

https://developer.atlassian.com/platform/forge/apis-reference/ui-api-bridge/invokeRemote/
(2026-08-22)
"""

from __future__ import annotations

from typing import Final

import msgspec

from forge_emu.errors import UserError
from forge_emu.model import Json

METHODS: Final = ("GET", "POST", "PUT", "DELETE", "PATCH")
_FIELDS: Final = frozenset({"path", "method", "headers", "body"})
_HINT: Final = 'Such as {"path": "/tasks", "method": "POST", "body": {"team": "Forge"}}.'


def ui_request(given: Json) -> dict[str, Json]:
    """The request that `invokeRemote(given)` makes. Raises UserError where it can make none."""
    if not isinstance(given, dict):
        raise UserError("the payload for an endpoint is the argument of invokeRemote", _HINT)
    if unknown := sorted(given.keys() - _FIELDS):
        raise UserError(f"invokeRemote has no {unknown[0][:60]!r}", _HINT)
    path, method = given.get("path"), given.get("method", "GET")
    if not isinstance(path, str) or not path.isprintable() or " " in path:
        raise UserError("`path` of invokeRemote must be a path, as text without spaces", _HINT)
    if method not in METHODS:
        shown = msgspec.json.encode(method).decode()[:60]
        raise UserError(f"`method` of invokeRemote cannot be {shown}", f"It is {_one_of(METHODS)}.")
    headers = given.get("headers", {})
    if not isinstance(headers, dict) or not all(isinstance(v, str) for v in headers.values()):
        raise UserError("`headers` of invokeRemote must be an object of texts", _HINT)
    body = given.get("body")
    if body is not None and not isinstance(body, dict):
        raise UserError("`body` of invokeRemote must be a JSON object", _HINT)
    sent = {name.lower(): value for name, value in headers.items()}
    if body is not None:
        sent = {"content-type": "application/json", **sent}
    text = None if body is None else msgspec.json.encode(body).decode()
    return {"method": method, "path": path, "headers": sent, "body": text}


def _one_of(words: tuple[str, ...]) -> str:
    return f"{', '.join(words[:-1])} or {words[-1]}"
