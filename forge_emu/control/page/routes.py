"""The routes of the live page: the page itself, its stream, and new links to it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route
from starlette.types import Scope

from forge_emu.control.http import json_response
from forge_emu.control.page.access import PARAMETER
from forge_emu.control.page.contract import PageContract
from forge_emu.events.event_info import event_info

RefuseRequest = Callable[[Scope, int, str], None]
"""Records that a request was refused: its scope, the status, and why."""

_HEADERS = {
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "cross-origin-resource-policy": "same-origin",
}
_NO_FRAMES = "frame-ancestors 'none'"


def page_routes(page: PageContract, refuse: RefuseRequest) -> list[Route]:
    """The routes to `page`."""
    routes = _PageRoutes(page, refuse)
    return [
        Route("/", routes.page),
        Route("/v1/page", routes.changes),
        Route("/v1/page/example", routes.example),
        Route("/v1/page/link", routes.link, methods=["POST"]),
    ]


class _PageRoutes:
    def __init__(self, page: PageContract, refuse: RefuseRequest) -> None:
        self._page = page
        self._refuse = refuse

    async def page(self, request: Request) -> Response:
        """The page for who has the cookie; a link gives the cookie."""
        token = request.query_params.get(PARAMETER)
        known = self._page.access.accepts_cookies(request.headers.get("cookie", "").encode())
        if token is not None and (known or self._page.access.use_link(token)):
            headers = {"set-cookie": self._page.access.set_cookie_header()}
            return _message_page("Opening the page …", 200, headers=headers, refresh=True)
        if known:
            return _html_response(self._page.html(), 200, {"content-security-policy": _NO_FRAMES})
        title = "This link does not work" if token is not None else "This page needs a link"
        self._refuse(request.scope, 401, title)
        return _message_page(title, 401, _HOW_TO_GET_A_LINK)

    async def changes(self, request: Request) -> Response:
        # What goes wrong here is answered; once lines are sent, it could only end them.
        await self._page.collect()
        lines = self._page.follow_changes(partial(_wait_for_disconnect, request))
        return StreamingResponse(lines, media_type="application/x-ndjson", headers=_HEADERS)

    async def example(self, request: Request) -> Response:
        info = event_info(request.query_params.get("event", ""))
        return json_response({"event": info.event, "payload": info.payload})

    async def link(self, _request: Request) -> Response:
        return json_response({"url": self._page.new_link()})


_HOW_TO_GET_A_LINK = (
    "Each link opens the page once, in one browser.",
    "For a new one, press o in the emulator's console, or run forge-emu open in the app.",
)


def _message_page(
    title: str,
    status: int,
    lines: tuple[str, ...] = (),
    *,
    headers: dict[str, str] | None = None,
    refresh: bool = False,
) -> Response:
    """A page of a few words. With `refresh` it goes on to the page itself.

    A redirect would come from the site that the link was on, and get no cookie then.
    """
    text = (
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark"><link rel="icon" href="data:,">'
        + ('<meta http-equiv="refresh" content="0; url=/">' if refresh else "")
        + f"<title>forge-emu</title><h1>{title}</h1>"
        + "".join(f"<p>{line}</p>" for line in lines)
    )
    policy = f"default-src 'none'; img-src data:; {_NO_FRAMES}"
    return _html_response(
        text.encode(), status, {"content-security-policy": policy, **(headers or {})}
    )


def _html_response(content: bytes, status: int, headers: dict[str, str]) -> Response:
    return Response(content, status, media_type="text/html", headers={**_HEADERS, **headers})


async def _wait_for_disconnect(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
