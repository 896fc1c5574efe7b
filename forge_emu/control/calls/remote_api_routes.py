"""The REST APIs of the platform for remotes: they bring the OAuth token that they were given."""

from __future__ import annotations

from typing import Final

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from forge_emu.control.calls.contract import CallsContract
from forge_emu.control.http import BodyTooLargeError, json_response, read_content
from forge_emu.services.remote_api.messages import ApiRequest
from forge_emu.services.remote_api.requests import PRODUCT_PREFIX, STORAGE_PREFIX

_METHODS: Final = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")

MOST_BODY: Final = 8 * 1_048_576
"""Bytes of a body that are read at all; the limits of the store and the products are their own."""


def remote_api_routes(calls: CallsContract) -> list[Route]:
    """A route for the store, and one for the products."""

    async def answer(request: Request) -> Response:
        return await _answer(calls, request)

    return [
        Route(f"{STORAGE_PREFIX}{{name:path}}", answer, methods=["POST"]),
        Route(f"{PRODUCT_PREFIX}{{rest:path}}", answer, methods=list(_METHODS)),
    ]


async def _answer(calls: CallsContract, request: Request) -> Response:
    try:
        content = await read_content(request, MOST_BODY)
    except BodyTooLargeError:
        return json_response({"code": 413, "message": "the body is too large"}, 413)
    except ClientDisconnect:
        return json_response({"code": 400, "message": "the body ended early"}, 400)
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    raw: bytes = request.scope.get("raw_path") or request.scope["path"].encode()
    query = request.scope["query_string"].decode("latin-1")
    query = f"?{query}" if query else ""
    asked = ApiRequest(
        method=request.method,
        path=raw.decode("latin-1") + query,
        headers={k: v for k, v in request.headers.items() if k != "authorization"},
        body=content.decode("utf-8", "replace") if content else None,
        token=token.strip() if scheme.lower() == "bearer" else "",
    )
    response = calls.answer_api(asked)
    body = response.body.encode("utf-8", "replace")
    return Response(body, status_code=response.status, headers=dict(response.headers))
