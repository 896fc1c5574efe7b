"""The admin routes of the control API: queues and the key-value store."""

from __future__ import annotations

from msgspec import Raw, structs
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from forge_emu.control.contract import (
    AdminContract,
    KvsEntry,
    QueueOrder,
    QueueQuery,
    no_value_error,
)
from forge_emu.control.http import flag_parameter, int_parameter, json_response, read_body
from forge_emu.control.push_contract import PushOrder

MOST_LISTED = 10_000
"""Deliveries in one listing."""


def admin_routes(admin: AdminContract) -> list[Route]:
    """The routes to `admin`."""
    routes = _AdminRoutes(admin)
    return [
        Route("/v1/queue", routes.list_queue),
        Route("/v1/queue", routes.change_queue, methods=["POST"]),
        Route("/v1/queue/push", routes.push_events, methods=["POST"]),
        Route("/v1/kvs", routes.list_kvs),
        Route("/v1/kvs", routes.kvs_set, methods=["PUT"]),
        Route("/v1/kvs/entities", routes.kvs_entities),
        Route("/v1/kvs/value", routes.kvs_get),
        Route("/v1/kvs/value", routes.kvs_delete, methods=["DELETE"]),
    ]


class _AdminRoutes:
    def __init__(self, admin: AdminContract) -> None:
        self._admin = admin

    async def list_queue(self, request: Request) -> Response:
        query = request.query_params
        queue_query = QueueQuery(
            query.get("queue"),
            query.get("state"),
            query.get("target"),
            int_parameter(request, "limit", 100, most=MOST_LISTED),
        )
        return json_response(self._admin.list_queue(queue_query))

    async def change_queue(self, request: Request) -> Response:
        return json_response(self._admin.change_queue(await read_body(request, QueueOrder)))

    async def push_events(self, request: Request) -> Response:
        return json_response(self._admin.push_events(await read_body(request, PushOrder)))

    async def list_kvs(self, request: Request) -> Response:
        query = request.query_params
        page = self._admin.list_kvs(
            query.get("prefix", ""),
            query.get("after", ""),
            secret=flag_parameter(request, "secret"),
            show_secrets=flag_parameter(request, "show_secrets"),
            entity=query.get("entity", ""),
        )
        return json_response(page)

    async def kvs_entities(self, _request: Request) -> Response:
        return json_response(self._admin.kvs_entities())

    async def kvs_set(self, request: Request) -> Response:
        return json_response({"set": self._admin.kvs_set(await read_body(request, list[KvsEntry]))})

    async def kvs_get(self, request: Request) -> Response:
        entry = self._admin.kvs_get(
            _key_parameter(request),
            secret=flag_parameter(request, "secret"),
            entity=request.query_params.get("entity", ""),
        )
        if entry is not None and entry.secret and not flag_parameter(request, "show_secrets"):
            entry = structs.replace(entry, value=Raw(b"null"))
        return json_response(_found_or_404(entry, request))

    async def kvs_delete(self, request: Request) -> Response:
        deleted = self._admin.kvs_delete(
            _key_parameter(request),
            secret=flag_parameter(request, "secret"),
            entity=request.query_params.get("entity", ""),
        )
        _found_or_404(deleted or None, request)
        return json_response({"deleted": True})


def _key_parameter(request: Request) -> str:
    return request.query_params.get("key", "")


def _found_or_404(found: object, request: Request) -> object:
    if found is None:
        entity = request.query_params.get("entity", "")
        secret = flag_parameter(request, "secret")
        raise no_value_error(_key_parameter(request), secret=secret, entity=entity)
    return found
