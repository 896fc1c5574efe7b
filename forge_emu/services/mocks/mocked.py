"""The response of a mock, and the record of it."""

from __future__ import annotations

from msgspec import UNSET

from forge_emu.errors import Fault
from forge_emu.model import Instant
from forge_emu.ports import AppRequest, AppResponse
from forge_emu.records import RequestMocked
from forge_emu.services.mocks.addresses import shown_address
from forge_emu.services.mocks.mock import FoundMock
from forge_emu.services.platform import Platform, fault_response, service_name


def respond(platform: Platform, request: AppRequest, found: FoundMock, now: Instant) -> AppResponse:
    """What the mock answers, unless a fault rule fails the request."""
    answer = found.answer
    try:
        platform.inject_product_fault(
            str(request.options.get("remote")), request.invocation_id, now
        )
        response = AppResponse(
            status=answer.status,
            body=answer.render_body(found.names),
            headers=dict(answer.headers),
        )
    except Fault as fault:
        response = fault_response(fault)
    host, path = shown_address(request.path)
    body = RequestMocked(
        service=service_name(request),
        method=request.method,
        path=path if host else request.path,
        status=response.status,
        mock=found.mock.where,
        invocation_id=request.invocation_id,
        host=host or UNSET,
    )
    platform.record(body, now)
    return response
