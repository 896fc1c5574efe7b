"""The addresses of the app's web triggers: which one a key means, and a list of them."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from forge_emu.control.calls.contract import WebTriggerState
from forge_emu.control.calls.web_trigger_client import WebTriggerOrder
from forge_emu.emulator.app_modules.known import check_key
from forge_emu.errors import UserError
from forge_emu.services.web_triggers.signatures import sign


def find_address(listed: Sequence[WebTriggerState], key: str) -> str:
    """The address of the web trigger `key`. Raises UserError where there is none."""
    known = [each.key for each in listed]
    check_key(key, known, "web trigger", "modules.webtrigger")
    found = listed[known.index(key)]
    if not found.urls:
        raise UserError(
            f"the web trigger {key!r} has no address: the app has deleted it",
            "webTrigger.getUrl in the app makes a new one.",
        )
    return found.urls[-1]


def address_lines(listed: Sequence[WebTriggerState]) -> list[str]:
    """A line for each address: the key, what it calls, and where it is."""
    if not listed:
        return ["the app has no web triggers"]
    keys, functions = (max(len(t) for t in texts) for texts in zip(
        *((each.key, each.function) for each in listed), strict=True
    ))  # fmt: skip
    return [
        f"{each.key:<{keys}}  {each.function:<{functions}}  {url}"
        for each in listed
        for url in each.urls or ["no address: deleted"]
    ]


def signed_order(
    order: WebTriggerOrder, listed: Sequence[WebTriggerState], key: str, secret: str
) -> WebTriggerOrder:
    """The request with its signature. Raises UserError where the key is no base64, or the web
    trigger `key` wants no signatures."""
    signature = sign(order.body or b"", secret)
    header = next(each.signed_by for each in listed if each.key == key)
    if header is None:
        raise UserError(
            f"--secret: the web trigger {key!r} takes requests without a signature",
            "The manifest asks for signatures by request: {authentication: hmacSharedSecret}.",
        )
    return msgspec.structs.replace(order, headers=[*order.headers, (header, signature)])
