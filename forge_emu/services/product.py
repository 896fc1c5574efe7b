"""Everything beyond queue and storage (product APIs, remotes): what the user has mocked.

Anything else is not emulated, and said so.
"""

from __future__ import annotations

from collections.abc import Iterable
from http import HTTPStatus
from typing import Final

from forge_emu.errors import Fault
from forge_emu.model import Instant, UnansweredRequest
from forge_emu.ports import AppRequest, AppResponse
from forge_emu.records import RequestMocked
from forge_emu.services.mocks import Mock, find_mock
from forge_emu.services.platform import (
    Platform,
    fault_response,
    not_emulated_response,
    service_name,
)

# `options.type`, as @forge/api 2 to 8 sets it.
_TYPES: Final = {
    "tpp": "requests with external authentication (withProvider)",
    "frc": "invokeRemote()",
    "fcc": "invokeService()",
    "emails": "sending e-mail",
}
_PRODUCTS: Final = {
    "jira": "requestJira()",
    "confluence": "requestConfluence()",
    "bitbucket": "requestBitbucket()",
}
_GATEWAY_PATHS: Final = {
    "/graphql": "requestGraph()",
    "/graphql/twg": "requestTeamworkGraph()",
}
_WEB_TRIGGER_FIELDS: Final = ("WebTriggerUrl", "webTriggerUrl")


def reply(
    platform: Platform, request: AppRequest, mocks: Iterable[Mock], now: Instant
) -> AppResponse:
    """The first mock's answer to a request that no service handles, or a refusal that names it."""
    if found := find_mock(mocks, request):
        return _mock_response(platform, request, *found, now)
    what = f"{api_name(request)} ({request.method} {request.path})"
    advice = (
        "The request went nowhere; the app got status 501. To have it answered, put this into "
        "forge-emu.yml: mocks: "
        f"[{{request: '{request.method} {_without_query(request.path)}', body: {{}}}}]"
    )
    return not_emulated_response(platform, request, what, advice, now)


def _mock_response(
    platform: Platform, request: AppRequest, mock: Mock, names: dict[str, str], now: Instant
) -> AppResponse:
    try:
        platform.inject_product_fault(request.invocation_id, now)
        answer = AppResponse(
            status=mock.status,
            body=mock.render_body(names),
            headers=dict(mock.headers),
            status_text=_reason_phrase(mock.status),
        )
    except Fault as fault:
        answer = fault_response(fault)
    platform.record(
        RequestMocked(
            service=service_name(request),
            method=request.method,
            path=request.path,
            status=answer.status,
            mock=mock.where,
            invocation_id=request.invocation_id,
        ),
        now,
    )
    return answer


def is_product_request(request: AppRequest) -> bool:
    """Whether it goes to a product or a remote rather than to a service of the platform's own."""
    return str(request.options.get("type")) in _TYPES or request.options.get("remote") in _PRODUCTS


def _without_query(path: str) -> str:
    return path.partition("?")[0]


def _reason_phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""


def api_name(request: AppRequest | UnansweredRequest) -> str:
    """What the app's author wrote to make this request."""
    kind, remote = str(request.options.get("type")), str(request.options.get("remote"))
    if kind in _TYPES:
        return _TYPES[kind]
    if remote in _PRODUCTS:
        return _PRODUCTS[remote]
    path = request.path.partition("?")[0]
    if path == "/graphql" and any(field in (request.body or "") for field in _WEB_TRIGGER_FIELDS):
        return "the URLs of web triggers"
    if path.startswith("/connected-data/"):
        return "requestConnectedData()"
    if path in _GATEWAY_PATHS:
        return _GATEWAY_PATHS[path]
    return f"the service {service_name(request)!r}"
