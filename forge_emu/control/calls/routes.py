"""The route of the control API that calls functions."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from forge_emu.control.calls.contract import CallOrder, CallsContract
from forge_emu.control.http import json_response, read_body


def call_routes(calls: CallsContract) -> list[Route]:
    """The route to `calls`. It answers when the calls have ended."""

    async def call(request: Request) -> Response:
        return json_response(await calls.call_by_hand(await read_body(request, CallOrder)))

    return [Route("/v1/call", call, methods=["POST"])]
