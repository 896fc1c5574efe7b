"""The addresses of web triggers: HTTP from anybody on this machine, without the session's token.

https://developer.atlassian.com/platform/forge/events-reference/web-trigger/ (2026-08-13)
"""

from __future__ import annotations

from typing import Final

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from forge_emu.control.calls.contract import CallsContract
from forge_emu.control.http import BodyTooLargeError, read_content
from forge_emu.services.web_triggers.addresses import PREFIXES, split_path
from forge_emu.services.web_triggers.messages import (
    METHODS,
    WebTriggerRequest,
    WebTriggerResponse,
)

MOST_BODY: Final = 64 * 1_048_576
"""Bytes of a body that are read at all; the platform's own limit is a setting."""


def web_trigger_routes(calls: CallsContract) -> list[Route]:
    """One route for each form of address."""

    async def call(request: Request) -> Response:
        return await _call_web_trigger(calls, request)

    paths = (
        f"{prefix}{{id}}{rest}" for prefix in PREFIXES.values() for rest in ("", "/{rest:path}")
    )
    return [Route(path, call, methods=list(METHODS)) for path in paths]


async def _call_web_trigger(calls: CallsContract, request: Request) -> Response:
    try:
        content = await read_content(request, MOST_BODY)
    except BodyTooLargeError:
        return _to_response(WebTriggerResponse(413, body="the body is too large"))
    except ClientDisconnect:
        return Response(status_code=400)
    # As it was sent: decoded, a %3F or %2F of the caller's would be another path.
    path = request.scope.get("raw_path", b"").decode("latin-1")
    if split_path(path) is None:
        path = request.scope["path"]
    parts = split_path(path)
    assert parts is not None
    asked = WebTriggerRequest(
        method=request.method,
        path=path,
        user_path=parts[1],
        query=request.scope["query_string"].decode("latin-1"),
        headers=[
            (name.decode("latin-1"), value.decode("latin-1")) for name, value in request.headers.raw
        ],
        body=content.decode("utf-8", "replace") if content else None,
        raw=content,
    )
    return _to_response(await calls.call_web_trigger(asked))


def _to_response(answer: WebTriggerResponse) -> Response:
    response = Response(answer.body.encode("utf-8", "replace"), status_code=answer.status)
    for name, value in answer.headers:
        response.raw_headers.append((name.encode("latin-1"), value.encode("latin-1")))
    return response
