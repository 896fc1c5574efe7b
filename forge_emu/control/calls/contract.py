"""A call of a function from another terminal, and its answer, as the control API takes them."""

from __future__ import annotations

from typing import Annotated, Protocol

import msgspec

from forge_emu.model import ErrorReport, Json, Millis
from forge_emu.ports import AppResponse
from forge_emu.services.remote_api.messages import ApiRequest
from forge_emu.services.web_triggers.messages import WebTriggerRequest, WebTriggerResponse

MOST_CALLS = 10_000
"""Calls of one order."""


class CallOrder(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Call `target`: a function of the manifest, or `FUNCTION.KEY` for a resolver's definition.

    `{n}` in the payload's texts is the number of the call. `context` is merged over the context
    that a UI would give, or over the handler's second argument.
    """

    target: str
    payload: Json = None
    context: dict[str, Json] = {}
    count: Annotated[int, msgspec.Meta(ge=1, le=MOST_CALLS)] = 1


class WebTriggerCallOrder(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Call the web trigger `key`. A `body` that is no text is sent as its JSON text.

    `path` is what follows the address (`/more`), `query` is without its `?`.
    """

    key: str
    method: str = "GET"
    headers: list[tuple[str, str]] = []
    body: Json = None
    path: str = ""
    query: str = ""


class CallAnswer(msgspec.Struct, frozen=True):
    """How a call ended.

    `result` is what the function returned; `reason` says why it failed, `error` what it threw, and
    `limit` the setting that was in the way.
    """

    call_id: str
    age_ms: Millis
    # A default that is a value would have to be one of JSON for OpenAPI.
    result: msgspec.Raw = msgspec.field(default_factory=lambda: msgspec.Raw(b"null"))
    reason: str | None = None
    error: ErrorReport | None = None
    limit: str | None = None


class CallAnswers(msgspec.Struct, frozen=True):
    """The answers of an order, in the order of its calls."""

    answers: list[CallAnswer]


class PreUninstallOrder(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which `preUninstall` module to call, None for all of them."""

    key: str | None = None


class PreUninstallAnswer(msgspec.Struct, frozen=True):
    """How the call of a `preUninstall` module ended; the other fields are those of `CallAnswer`.

    What its function returned is ignored, as on Forge.
    """

    module_key: str
    call_id: str
    age_ms: Millis
    reason: str | None = None
    error: ErrorReport | None = None
    limit: str | None = None


class WebTriggerState(msgspec.Struct, frozen=True):
    """A web trigger: what it calls, and its addresses, the one that `getUrl` gives last.

    There is none where the app has deleted all of them. `signed_by` is the header that has the
    signature of a request; None where none is needed.
    """

    key: str
    function: str
    urls: list[str]
    signed_by: str | None = None


class CallsContract(Protocol):
    """What the routes need of a running emulator."""

    async def call_by_hand(self, order: CallOrder) -> CallAnswers:
        """Make the calls at once, and wait for the end of all. Raises UserError."""
        ...

    async def call_pre_uninstall(self, order: PreUninstallOrder) -> list[PreUninstallAnswer]:
        """Call what runs before an uninstallation, and wait for its end. Raises UserError."""
        ...

    async def call_web_trigger(self, request: WebTriggerRequest) -> WebTriggerResponse:
        """The response to a request to the address of a web trigger."""
        ...

    def answer_api(self, request: ApiRequest) -> AppResponse:
        """The answer to what a remote asks of the store or of a product."""
        ...

    def list_web_triggers(self) -> list[WebTriggerState]:
        """Every web trigger, in the manifest's order."""
        ...
