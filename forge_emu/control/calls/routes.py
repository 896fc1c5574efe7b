"""The routes of the control API that call functions and list web triggers."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from forge_emu.control.calls.contract import CallOrder, CallsContract, PreUninstallOrder
from forge_emu.control.http import json_response, read_body


def call_routes(calls: CallsContract) -> list[Route]:
    """The routes to `calls`. A call is answered when it has ended."""

    async def call(request: Request) -> Response:
        return json_response(await calls.call_by_hand(await read_body(request, CallOrder)))

    async def pre_uninstall(request: Request) -> Response:
        order = await read_body(request, PreUninstallOrder)
        return json_response(await calls.call_pre_uninstall(order))

    async def web_triggers(request: Request) -> Response:
        return json_response(calls.list_web_triggers())

    return [
        Route("/v1/call", call, methods=["POST"]),
        Route("/v1/pre-uninstall", pre_uninstall, methods=["POST"]),
        Route("/v1/web-triggers", web_triggers),
    ]
