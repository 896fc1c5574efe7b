"""The route of the control API to what is in events."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from forge_emu.control.http import json_response
from forge_emu.control.payloads.contract import PayloadContract


def payload_routes(payloads: PayloadContract) -> list[Route]:
    """The route to `payloads`."""

    async def payload(request: Request) -> Response:
        event = request.query_params.get("event", "")
        if not event:
            raise HTTPException(400, "event is missing: the id of an event, or the start of one")
        return json_response(payloads.payload(event))

    return [Route("/v1/payload", payload)]
