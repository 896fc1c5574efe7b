"""Everything beyond queue and storage (product APIs, remotes): not emulated, and said so."""

from __future__ import annotations

from typing import Final

from forge_emu.model import Instant
from forge_emu.ports import AppRequest, AppResponse
from forge_emu.services.platform import Platform, not_emulated, service_of

_PRODUCTS: Final = {
    "jira": "requestJira()",
    "confluence": "requestConfluence()",
    "bitbucket": "requestBitbucket()",
}
_OTHERS: Final = {
    "tpp": "requests with external authentication (withProvider)",
    "frc": "invokeRemote()",
    "fcs": "invokeService()",
}


def reply(platform: Platform, request: AppRequest, now: Instant) -> AppResponse:
    """The answer to a request that no service takes: a refusal that names it."""
    call = f"{request.method} {request.path}"
    service = service_of(request)
    known = _PRODUCTS.get(str(request.options.get("remote")))
    known = known or _OTHERS.get(str(request.options.get("type")))
    if known is None and request.path.partition("?")[0].endswith("/graphql"):
        known = "requestGraph()"
    what = f"{known}: {call}" if known else f"the service {service or 'without a name'}: {call}"
    advice = "The request went nowhere; the app got status 501."
    return not_emulated(platform, request, what, advice, now)
