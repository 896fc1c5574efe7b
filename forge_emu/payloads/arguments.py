"""The first argument of a handler, as it is kept: without what is kept already, or is secret."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import msgspec

from forge_emu.engine.journal.secret_names import is_secret_name
from forge_emu.model import Invocation, Json, ModuleKind

_fields: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])


class KeptArgument(NamedTuple):
    """What is kept of it. The body of an event is kept once, with the event: `KeptInvocation`."""

    event: Json
    adds_to_body: bool = False
    leaves_body: bool = False


def kept_argument(invocation: Invocation) -> KeptArgument:
    """What is kept of the first argument of an invocation."""
    if invocation.added is not None:
        return KeptArgument(invocation.added, adds_to_body=True)
    if invocation.module is ModuleKind.WEB_TRIGGER:
        return KeptArgument(without_credentials(invocation.event))
    if invocation.event_id is not None:
        fields = _fields.decode(invocation.event_text)
        # The old form, for a resolver, has no such field.
        if "body" in fields:
            return KeptArgument({**fields, "body": None}, leaves_body=True)
    return KeptArgument(invocation.event_text)


def without_credentials(event: Json) -> Json:
    """The request that a web trigger is given, without the values of headers that look secret."""
    headers = event.get("headers") if isinstance(event, dict) else None
    if not isinstance(headers, dict):
        return event
    shown: dict[str, Any] = {
        name: [f"[{name}]"] if is_secret_name(name) else value for name, value in headers.items()
    }
    return {**event, "headers": shown}
