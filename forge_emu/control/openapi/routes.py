"""Serves the OpenAPI document, and says in each answer which contract it follows."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from forge_emu.control.openapi.document import openapi_document
from forge_emu.control.openapi.operation import API_VERSION, VERSION_HEADER, Operation

PATH = "/v1/openapi.json"


class DocumentRoute:
    """The route to the document of `operations`, of which those of `served` routes are there."""

    def __init__(self, operations: Sequence[Operation]) -> None:
        self.served: Sequence[Route] = ()
        self._operations = operations

    @property
    def route(self) -> Route:
        """The route itself."""
        return Route(PATH, self._answer)

    async def _answer(self, request: Request) -> Response:
        return Response(self._text, media_type="application/json")

    @cached_property
    def _text(self) -> bytes:
        served = {(method, route.path) for route in self.served for method in route.methods or ()}
        there = [each for each in self._operations if (each.method, each.path) in served]
        return msgspec.json.encode(openapi_document(there))


class VersionHeader:
    """Adds the version of the contract to the answers of `app`."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""

        async def send_with_version(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = [*message.get("headers", ()), _HEADER]
                message = {**message, "headers": headers}
            await send(message)

        of_api = scope["type"] == "http" and scope["path"].startswith("/v1/")
        await self._app(scope, receive, send_with_version if of_api else send)


_HEADER = (VERSION_HEADER.encode(), API_VERSION.encode())
