"""The control API: HTTP over the `Controls` of a running emulator. No socket in here."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from forge_emu.control.addresses import JWKS_PATH, Addresses
from forge_emu.control.admin_routes import admin_routes
from forge_emu.control.calls.remote_api_routes import remote_api_routes
from forge_emu.control.calls.routes import call_routes
from forge_emu.control.calls.web_trigger_routes import web_trigger_routes
from forge_emu.control.contract import ClockOrder, Controls, TriggerOrder
from forge_emu.control.filters import RecordFilter
from forge_emu.control.guard import ErrorResponses, Guard
from forge_emu.control.http import flag_parameter, int_parameter, json_response, read_body
from forge_emu.control.openapi.operation import Operation
from forge_emu.control.openapi.operations import OPERATIONS
from forge_emu.control.openapi.routes import DocumentRoute, VersionHeader
from forge_emu.control.page.contract import PageContract
from forge_emu.control.page.routes import page_routes
from forge_emu.control.payloads.routes import payload_routes
from forge_emu.control.schedules.routes import schedule_routes
from forge_emu.control.site_routes import site_routes
from forge_emu.control.stream import RecordQuery, follow_records, stream_history
from forge_emu.errors import UserError

_STREAM_TYPE = "application/x-ndjson"


def create_api(
    controls: Controls,
    addresses: Addresses | None = None,
    page: PageContract | None = None,
    more_routes: Sequence[Route] = (),
    more_operations: Sequence[Operation] = (),
) -> Starlette:
    """The application that serves `controls` at `addresses`, by default on loopback alone.

    With `page`, it serves the live page too; `more_routes` need the token as the others do,
    and `more_operations` describe them.
    """
    routes = _Routes(controls)
    error_responses = ErrorResponses(controls.record_refusal)
    guard = Middleware(
        Guard,
        token=controls.token,
        addresses=addresses or Addresses(),
        refusals=error_responses,
        page_access=page.access if page else None,
    )
    document = DocumentRoute((*OPERATIONS, *more_operations))
    document.served = served = [
        document.route,
        Route(JWKS_PATH, routes.jwks),
        Route("/v1/status", routes.status),
        Route("/v1/trigger", routes.trigger, methods=["POST"]),
        Route("/v1/batches/{batch}", routes.batch),
        Route("/v1/batches/{batch}/summary", routes.batch_summary),
        Route("/v1/records", routes.records),
        Route("/v1/clock", routes.clock),
        Route("/v1/clock", routes.set_clock, methods=["POST"]),
        Route("/v1/limits", routes.limits),
        *admin_routes(controls.admin),
        *schedule_routes(controls.schedules),
        *payload_routes(controls.payloads),
        *site_routes(controls.site_admin),
        *call_routes(controls.calls),
        *web_trigger_routes(controls.calls),
        *remote_api_routes(controls.calls),
        *more_routes,
        *(page_routes(page, error_responses.record) if page else ()),
    ]
    return Starlette(
        routes=served,
        middleware=[Middleware(VersionHeader), guard],
        exception_handlers={
            HTTPException: error_responses.on_http_exception,
            UserError: error_responses.on_user_error,
            Exception: error_responses.on_unexpected_error,
        },
    )


class _Routes:
    def __init__(self, controls: Controls) -> None:
        self._controls = controls

    async def status(self, request: Request) -> Response:
        return json_response(self._controls.status())

    async def jwks(self, request: Request) -> Response:
        return json_response(self._controls.jwks())

    async def trigger(self, request: Request) -> Response:
        return json_response(self._controls.trigger(await read_body(request, TriggerOrder)))

    async def batch(self, request: Request) -> Response:
        status = self._controls.batch_status(request.path_params["batch"])
        return json_response(_found_or_404(status, "batch", request.path_params["batch"]))

    async def batch_summary(self, request: Request) -> Response:
        summary = self._controls.batch_summary(request.path_params["batch"])
        return json_response(_found_or_404(summary, "batch", request.path_params["batch"]))

    async def clock(self, request: Request) -> Response:
        return json_response(self._controls.clock_state())

    async def set_clock(self, request: Request) -> Response:
        return json_response(self._controls.set_clock(await read_body(request, ClockOrder)))

    async def limits(self, request: Request) -> Response:
        return json_response(self._controls.limits())

    async def records(self, request: Request) -> Response:
        query = request.query_params
        record_filter = RecordFilter(
            types=query.getlist("type"),
            queue=query.get("queue"),
            event_id=query.get("event"),
            outcome=query.get("outcome"),
        )
        record_query = RecordQuery(
            record_filter,
            since=int_parameter(request, "since", 0, most=2**53),
            since_at=int_parameter(request, "since_at", 0, most=2**53),
            who=flag_parameter(request, "who"),
        )
        if flag_parameter(request, "follow"):
            lines = follow_records(
                self._controls.hub, record_query, partial(_wait_for_disconnect, request)
            )
        else:
            lines = stream_history(self._controls.hub, record_query)
        return StreamingResponse(lines, media_type=_STREAM_TYPE)


async def _wait_for_disconnect(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


def _found_or_404(thing: Any, kind: str, id: str) -> Any:
    if thing is None:
        raise HTTPException(404, f"there is no {kind} {id!r}")
    return thing
