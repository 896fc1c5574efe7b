"""An HTTP request as the handler's argument, and what the handler returns as an HTTP response.

https://developer.atlassian.com/platform/forge/events-reference/web-trigger/ (2026-08-13)
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final
from urllib.parse import parse_qsl

import msgspec

from forge_emu.model import Json, StaticOutput

METHODS: Final = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "QUERY")
"""Those that web triggers take."""

_NAME: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_TEXT: Final = re.compile(r"[\t\x20-\x7e\x80-\xff]*")
_OF_CONNECTION: Final = frozenset(
    {
        "accept-encoding", "connection", "content-length", "expect", "host", "keep-alive",
        "proxy-authorization", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade",
    }
)  # fmt: skip
_OWN_HEADERS: Final = frozenset({"content-length", "transfer-encoding", "connection"})


class WebTriggerRequest(msgspec.Struct, frozen=True):
    """An HTTP request to a web trigger, as it came in.

    `path` is the whole path as sent, `user_path` what follows the id; `query` is without its `?`;
    `raw` is the body as it came.
    """

    method: str
    path: str
    user_path: str
    query: str
    headers: Sequence[tuple[str, str]]
    body: str | None
    raw: bytes = b""


class WebTriggerResponse(msgspec.Struct, frozen=True):
    """What the caller of a web trigger gets.

    `problem` says, for the developer, why it is not what the handler returned.
    """

    status: int
    headers: list[tuple[str, str]] = []
    body: str = ""
    status_text: str | None = None
    problem: str | None = None


def request_event(request: WebTriggerRequest) -> dict[str, Json]:
    """The handler's argument. Values of headers and parameters are lists."""
    event: dict[str, Json] = {
        "method": request.method,
        "headers": _grouped(request.headers),
        "path": request.path,
        "userPath": request.user_path,
        "queryParameters": _grouped(_parameters(request.query)),
    }
    if request.body is not None:
        event["body"] = request.body
    return event


def forwarded_request(request: WebTriggerRequest, route: str) -> dict[str, Json]:
    """The request that is made at an endpoint: the caller's own, with the user's path behind
    `route`. Headers of the connection stay behind, repeated ones become one.

    containers-reference/int-webtrigger/ (2026-08-22)
    """
    headers: dict[str, str] = {}
    for name, value in request.headers:
        name = name.lower()
        if name not in _OF_CONNECTION:
            headers[name] = f"{headers[name]}, {value}" if name in headers else value
    path = route.rstrip("/") + request.user_path if request.user_path else route
    query = f"?{request.query}" if request.query else ""
    return {
        "method": request.method,
        "path": path + query,
        "headers": headers,
        "body": request.body,
    }


def endpoint_result(result: Json, *, static: bool) -> Json:
    """What an endpoint answered, as the result of a handler. That of a static web trigger says in
    its body, which is JSON, which output it wants."""
    if not static or not isinstance(result, dict):
        return result
    try:
        return msgspec.json.decode(str(result.get("body")))
    except (msgspec.DecodeError, RecursionError):
        return None


def content_type_of(body: bytes) -> str:
    """What a body is sent as where nobody says: as JSON if it is that, else as text."""
    try:
        msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return "text/plain; charset=utf-8"
    return "application/json"


def is_header(name: str, value: str) -> bool:
    """Whether HTTP can send it."""
    return bool(_NAME.fullmatch(name) and _TEXT.fullmatch(value))


def dynamic_response(result: Json) -> WebTriggerResponse:
    """The response that a handler's result asks for; status 500 where it is not of that form."""
    if not isinstance(result, dict):
        return _incompatible(f"it returned {_kind(result)}, not an object with a statusCode")
    status, text = result.get("statusCode"), result.get("statusText")
    # A whole number from JavaScript may come as 200.0.
    if isinstance(status, float) and status.is_integer():
        status = int(status)
    if not isinstance(status, int) or isinstance(status, bool) or not 200 <= status <= 599:
        shown = msgspec.json.encode(status).decode()[:60] if "statusCode" in result else "missing"
        return _incompatible(f"statusCode must be a whole number from 200 to 599; it is {shown}")
    body = result.get("body")
    if body is not None and not isinstance(body, str):
        return _incompatible(f"body must be a string; it is {_kind(body)}")
    headers = _response_headers(result.get("headers"))
    if isinstance(headers, str):
        return _incompatible(headers)
    return WebTriggerResponse(status, headers, body or "", text if isinstance(text, str) else None)


def static_response(result: Json, outputs: Sequence[StaticOutput]) -> WebTriggerResponse:
    """The output that a handler's result names; status 500 where there is none of that key."""
    key = result.get("outputKey") if isinstance(result, dict) else None
    if not isinstance(key, str):
        return _incompatible("this web trigger is static: it has to return {outputKey: …}")
    output = next((output for output in outputs if output.key == key), None)
    if output is None:
        known = ", ".join(output.key for output in outputs) or "none"
        return _incompatible(f"no output has the key {key[:60]!r}; the manifest has: {known}")
    headers = [("content-type", output.content_type)] if output.content_type else []
    return WebTriggerResponse(output.status_code, headers, output.body or "")


def _incompatible(problem: str) -> WebTriggerResponse:
    return WebTriggerResponse(500, problem=problem)


def _response_headers(given: Json) -> list[tuple[str, str]] | str:
    """The headers, or what is wrong with them."""
    if given is None:
        return []
    if not isinstance(given, dict):
        return f"headers must be an object; it is {_kind(given)}"
    found: list[tuple[str, str]] = []
    for name, values in given.items():
        if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
            return f"the header {name[:60]!r} must be an array of strings, such as ['text/plain']"
        if not _NAME.fullmatch(name) or not all(is_header(name, value) for value in values):
            return f"{name[:60]!r} is no header that HTTP can send"
        if name.lower() not in _OWN_HEADERS:
            found.extend((name, value) for value in values)
    return found


def _parameters(query: str) -> Iterable[tuple[str, str]]:
    """The parameters; commas separate values, as in the documentation's example."""
    for name, text in parse_qsl(query, keep_blank_values=True, max_num_fields=10_000):
        for value in text.split(","):
            yield name, value


def _grouped(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    return found


def _kind(value: Json) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "a boolean"
    if isinstance(value, (int, float)):
        return "a number"
    if isinstance(value, str):
        return "a string"
    return "an array" if isinstance(value, list) else "an object"
