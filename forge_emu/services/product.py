"""Everything beyond queue and storage (product APIs, remotes): what the user has mocked, and what
the site answers.

Anything else is not emulated, and said so.
"""

from __future__ import annotations

from typing import Final

from forge_emu.model import Instant, UnansweredRequest
from forge_emu.ports import AppRequest, AppResponse
from forge_emu.services.mocks import mocked
from forge_emu.services.mocks.mock import Mocks
from forge_emu.services.mocks.proposals import proposed_mock
from forge_emu.services.platform import Platform, not_emulated_response, service_name
from forge_emu.services.web_triggers.urls import WebTriggers

# `options.type`, as @forge/api 2 to 8 sets it.
_TYPES: Final = {
    "tpp": "requests with external authentication (withProvider)",
    "frc": "invokeRemote()",
    "fcc": "invokeService()",
    "emails": "sending e-mail",
}
_REMOTE_TYPES: Final = ("tpp", "frc", "fcc")
_PRODUCTS: Final = {
    "jira": "requestJira()",
    "confluence": "requestConfluence()",
    "bitbucket": "requestBitbucket()",
}
_GATEWAY_PATHS: Final = {
    "/graphql": "requestGraph()",
    "/graphql/twg": "requestTeamworkGraph()",
}


def reply(
    platform: Platform,
    request: AppRequest,
    mocks: Mocks,
    web_triggers: WebTriggers,
    now: Instant,
) -> AppResponse:
    """The first mock's answer to a request that no service handles, else that of the site or of the
    web triggers, else a refusal that names it."""
    if found := mocks.take_answer(request):
        return mocked.respond(platform, request, found, now)
    # A sixth of all modules: with the first call, or once a run is ready.
    from forge_emu.services.site import answering

    if (answer := answering.reply(platform, request, now)) is not None:
        return answer
    if (answer := web_triggers.reply(request, now)) is not None:
        return answer
    what = f"{api_name(request)} ({request.method} {request.path})"
    mock = proposed_mock(request)
    advice = "The request went nowhere; the app got status 501."
    if mock is not None:
        advice += f" To have it answered, put this into forge-emu.yml: mocks: [{mock}]"
    return not_emulated_response(platform, request, what, advice, now, mock)


def counts_as_egress(request: AppRequest) -> bool:
    """Whether it counts among the requests to the outside: those to remotes do."""
    return str(request.options.get("type")) in _REMOTE_TYPES


def is_product_request(request: AppRequest) -> bool:
    """Whether it goes to a product or a remote rather than to a service of the platform's own."""
    return str(request.options.get("type")) in _TYPES or request.options.get("remote") in _PRODUCTS


def api_name(request: AppRequest | UnansweredRequest) -> str:
    """What the app's author wrote to make this request."""
    kind, remote = str(request.options.get("type")), str(request.options.get("remote"))
    if kind == "tpp":
        return f"withProvider({str(request.options.get('provider'))!r}, {remote!r})"
    if kind in _TYPES:
        return _TYPES[kind]
    if remote in _PRODUCTS:
        return _PRODUCTS[remote]
    path = request.path.partition("?")[0]
    if path.startswith("/connected-data/"):
        return "requestConnectedData()"
    if path in _GATEWAY_PATHS:
        return _GATEWAY_PATHS[path]
    return f"the service {service_name(request)!r}"
