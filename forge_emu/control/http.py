"""What every route needs: bodies and parameters read with care, answers as JSON."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

MOST_BODY = 1_048_576
"""Bytes of a request's body."""

_MOST_BODY_OF = {"/v1/trigger": 48 * MOST_BODY}
"""More, for a route that takes many payloads."""


def most_body(path: str) -> int:
    """The most bytes that a body for the route `path` has."""
    return _MOST_BODY_OF.get(path, MOST_BODY)


REFUSAL: Final = "forge_emu.refusal"
"""In a request's scope: status and reason for which its connection is closed before its end."""


class BodyTooLargeError(Exception):
    """A request's body has more bytes than are read."""


async def read_content(request: Request, most: int) -> bytes:
    """The request's body, at most `most` bytes. Raises BodyTooLargeError, ClientDisconnect."""
    content = bytearray()
    async for chunk in request.stream():
        content += chunk
        if len(content) > most:
            raise BodyTooLargeError
    return bytes(content)


async def read_body(request: Request, type: Callable[..., Any]) -> Any:
    """The request's body as `type`. Raises HTTPException (400, 413)."""
    most = most_body(request.url.path)
    try:
        content = await read_content(request, most)
    except BodyTooLargeError:
        raise HTTPException(413, f"the body is over {most:,} bytes") from None
    except ClientDisconnect:
        status, reason = request.scope.get(REFUSAL, (400, "the body ended early"))
        raise HTTPException(status, reason) from None
    try:
        return msgspec.json.decode(content, type=type)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise HTTPException(400, f"the body is not what this call takes: {error}") from None
    except RecursionError:
        raise HTTPException(400, "the body is nested too deeply") from None


def int_parameter(request: Request, name: str, default: int, *, most: int) -> int:
    """A query parameter that is a whole number from 0. Raises HTTPException (400)."""
    text = request.query_params.get(name, str(default))
    if not text.isascii() or not text.isdigit() or len(text) > 16 or int(text) > most:
        raise HTTPException(400, f"{name}={text!r} is not a whole number from 0 to {most}")
    return int(text)


def flag_parameter(request: Request, name: str) -> bool:
    """A query parameter that is 0 or 1. Raises HTTPException (400)."""
    text = request.query_params.get(name, "0")
    if text not in ("0", "1", "false", "true"):
        raise HTTPException(400, f"{name}={text!r} is neither 0 nor 1")
    return text in ("1", "true")


def json_response(content: Any, status: int = 200) -> Response:
    """`content` as a JSON answer."""
    return Response(msgspec.json.encode(content), status, media_type="application/json")
