"""The routes of the control API for the site."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from forge_emu.control.http import json_response, read_body
from forge_emu.control.site_contract import SiteContract, SiteOrder


def site_routes(site: SiteContract) -> list[Route]:
    """The routes to `site`."""
    routes = _SiteRoutes(site)
    return [
        Route("/v1/site", routes.counts),
        Route("/v1/site", routes.change, methods=["POST"]),
        Route("/v1/site/things", routes.things),
        Route("/v1/site/answer", routes.answer),
    ]


class _SiteRoutes:
    def __init__(self, site: SiteContract) -> None:
        self._site = site

    async def counts(self, request: Request) -> Response:
        return json_response(self._site.counts())

    async def change(self, request: Request) -> Response:
        return json_response(self._site.change(await read_body(request, SiteOrder)))

    async def things(self, request: Request) -> Response:
        return json_response(self._site.things())

    async def answer(self, request: Request) -> Response:
        query = request.query_params
        return json_response(self._site.answer(query.get("product", ""), query.get("path", "")))
