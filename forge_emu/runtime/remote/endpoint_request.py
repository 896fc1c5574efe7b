"""The request that an invocation of an endpoint makes.

An event is posted to the endpoint's route. What calls with a request of its own, a web trigger or
the `invokeRemote` of a UI, has it passed on: the event of such an invocation is its `method`,
`path`, `headers` and `body`.
"""

from __future__ import annotations

from typing import Final

import msgspec

from forge_emu.model import Endpoint, Invocation, ModuleKind
from forge_emu.ports import AppRequest
from forge_emu.services.remotes import ENDPOINT_TYPE

OWN_REQUEST: Final = frozenset({ModuleKind.WEB_TRIGGER, ModuleKind.RESOLVER})
"""The modules whose callers have a request of their own."""


def endpoint_request(request_id: int, invocation: Invocation, endpoint: Endpoint) -> AppRequest:
    """The request of an invocation, about which the services decide."""
    options = {"type": ENDPOINT_TYPE, "remote": endpoint.remote, "endpoint": endpoint.key}
    if invocation.module in OWN_REQUEST:
        asked = invocation.event
        return AppRequest(
            request_id,
            invocation.invocation_id,
            options,
            asked["path"],
            asked["method"],
            asked["headers"],
            asked["body"],
        )
    return AppRequest(
        request_id,
        invocation.invocation_id,
        options,
        endpoint.path,
        "POST",
        {"content-type": "application/json"},
        msgspec.json.encode({"payload": invocation.event_text}).decode(),
    )
