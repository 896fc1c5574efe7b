"""Everything beyond queue and storage (product APIs, remotes): not emulated, and said so."""

from __future__ import annotations

from typing import Final

from forge_emu.model import Instant
from forge_emu.ports import AppRequest, AppResponse
from forge_emu.services.platform import Platform, not_emulated, service_of

# `options.type`, as @forge/api 5 to 8 sets it.
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


def reply(platform: Platform, request: AppRequest, now: Instant) -> AppResponse:
    """The answer to a request that no service takes: a refusal that names it."""
    what = f"{_name_of(request)} ({request.method} {request.path})"
    advice = "The request went nowhere; the app got status 501."
    return not_emulated(platform, request, what, advice, now)


def _name_of(request: AppRequest) -> str:
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
    return f"the service {service_of(request)!r}"
