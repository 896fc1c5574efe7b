"""The addresses of the app's web triggers: which one a key means, and a list of them."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from forge_emu.control.calls.contract import WebTriggerState
from forge_emu.errors import UserError


def find_address(listed: Sequence[WebTriggerState], key: str) -> str:
    """The address of the web trigger `key`. Raises UserError where there is none."""
    found = next((each for each in listed if each.key == key), None)
    if found is None:
        known = [each.key for each in listed]
        near = difflib.get_close_matches(key[:100], known, n=3)
        if not known:
            hint = "The manifest has none: modules.webtrigger."
        else:
            hint = f"Did you mean {' or '.join(near)}?" if near else f"There is {', '.join(known)}."
        raise UserError(f"there is no web trigger {key[:100]!r}", hint)
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
