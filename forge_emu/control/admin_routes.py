"""The routes by which a developer's hand reaches queues and store."""

from __future__ import annotations

from msgspec import Raw, structs
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from forge_emu.control.contract import ByHand, KvsEntry, QueueOrder, QueueWish
from forge_emu.control.http import body_of, json_of, whole, yes

MOST_LISTED = 10_000
"""Deliveries in one listing."""


def by_hand_routes(by_hand: ByHand) -> list[Route]:
    """The routes to `by_hand`."""
    routes = _ByHandRoutes(by_hand)
    return [
        Route("/v1/queue", routes.queue),
        Route("/v1/queue", routes.act, methods=["POST"]),
        Route("/v1/kvs", routes.kvs),
        Route("/v1/kvs", routes.kvs_set, methods=["PUT"]),
        Route("/v1/kvs/value", routes.kvs_get),
        Route("/v1/kvs/value", routes.kvs_delete, methods=["DELETE"]),
    ]


class _ByHandRoutes:
    def __init__(self, by_hand: ByHand) -> None:
        self._by_hand = by_hand

    async def queue(self, request: Request) -> Response:
        query = request.query_params
        wish = QueueWish(
            query.get("queue"),
            query.get("state"),
            query.get("target"),
            whole(request, "limit", 100, most=MOST_LISTED),
        )
        return json_of(self._by_hand.queue(wish))

    async def act(self, request: Request) -> Response:
        return json_of(self._by_hand.act(await body_of(request, QueueOrder)))

    async def kvs(self, request: Request) -> Response:
        query = request.query_params
        page = self._by_hand.kvs(
            query.get("prefix", ""),
            query.get("after", ""),
            secret=yes(request, "secret"),
            show_secrets=yes(request, "show_secrets"),
        )
        return json_of(page)

    async def kvs_set(self, request: Request) -> Response:
        return json_of({"set": self._by_hand.kvs_set(await body_of(request, list[KvsEntry]))})

    async def kvs_get(self, request: Request) -> Response:
        entry = self._by_hand.kvs_get(_key(request), secret=yes(request, "secret"))
        if entry is not None and entry.secret and not yes(request, "show_secrets"):
            entry = structs.replace(entry, value=Raw(b"null"))
        return json_of(_there(entry, request))

    async def kvs_delete(self, request: Request) -> Response:
        deleted = self._by_hand.kvs_delete(_key(request), secret=yes(request, "secret"))
        _there(deleted or None, request)
        return json_of({"deleted": True})


def _key(request: Request) -> str:
    return request.query_params.get("key", "")


def _there(found: object, request: Request) -> object:
    if found is None:
        kind = "secret" if yes(request, "secret") else "value"
        raise HTTPException(404, f"there is no {kind} with the key {_key(request)!r}")
    return found
