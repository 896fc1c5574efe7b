"""The addresses of web triggers: stable for an installation and a key, hard to guess, no state.

https://developer.atlassian.com/platform/forge/runtime-reference/web-trigger-api/ (2026-08-13)
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Iterable
from typing import Final

from forge_emu.model import WebTrigger

PREFIXES: Final = {"v1": "/x1/", "v2": "/public/"}
"""What the path of an address begins with, by the module's `urlFormat`."""

_ID_BYTES: Final = 20


class WebTriggerAddresses:
    """The addresses of an installation's web triggers.

    Every key has an address from the start, number 0; `forceCreate` makes another one. An address
    carries its number, so that all of them work after a restart too. Those that were deleted do not
    work until then.
    """

    def __init__(self, installation_id: Callable[[], str]) -> None:
        self._installation_id = installation_id
        self._created: dict[str, int] = {}
        self._deleted: set[str] = set()

    def address_path(self, trigger: WebTrigger, *, create: bool = False) -> str:
        """The path of the address of `trigger`; with `create`, or where it was deleted, of a new
        one."""
        number = self._created.get(trigger.key, 0)
        if create or self._id(trigger.key, number) in self._deleted:
            number += 1
            self._created[trigger.key] = number
        return PREFIXES[trigger.url_format] + self._id(trigger.key, number)

    def address_paths(self, trigger: WebTrigger) -> list[str]:
        """The paths of all its addresses that were not deleted, oldest first."""
        ids = (self._id(trigger.key, n) for n in range(self._created.get(trigger.key, 0) + 1))
        return [PREFIXES[trigger.url_format] + id for id in ids if id not in self._deleted]

    def find_trigger(self, id: str, triggers: Iterable[WebTrigger]) -> WebTrigger | None:
        """The web trigger with the address that ends in `id`; None where there is none."""
        number, _, _ = id.partition("-")
        if id in self._deleted or not number.isascii() or not number.isdigit() or len(number) > 6:
            return None
        return next((t for t in triggers if self._id(t.key, int(number)) == id), None)

    def delete(self, id: str) -> None:
        """The address that ends in `id` leads nowhere from now on."""
        self._deleted.add(id)

    def _id(self, key: str, number: int) -> str:
        text = f"{self._installation_id()}/{key}/{number}".encode()
        digest = hashlib.sha256(text).digest()[:_ID_BYTES]
        return f"{number}-{base64.b32encode(digest).decode().rstrip('=').lower()}"


def split_path(path: str) -> tuple[str, str] | None:
    """The id and the user's path of `/x1/ID/more`; None for another path."""
    for prefix in PREFIXES.values():
        if path.startswith(prefix):
            id, slash, rest = path.removeprefix(prefix).partition("/")
            return (id, slash + rest) if id else None
    return None
