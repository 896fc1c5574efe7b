"""The addresses of web triggers: stable for an installation and a key, and hard to guess.

https://developer.atlassian.com/platform/forge/runtime-reference/web-trigger-api/ (2026-08-13)
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Iterable
from typing import Final

from forge_emu.engine.web_trigger_urls import WebTriggerUrls
from forge_emu.model import WebTrigger

PREFIXES: Final = {"v1": "/x1/", "v2": "/public/"}
"""What the path of an address begins with, by the module's `urlFormat`."""

_ID_BYTES: Final = 20
_NUMBER: Final = re.compile(r"[0-9]{1,6}")


class WebTriggerAddresses:
    """The addresses of an installation's web triggers. `urls` gives what is remembered of them.

    Every key has an address from the start, number 0; `forceCreate` makes another one. An address
    carries its number. Those that were deleted never work again.
    """

    def __init__(
        self, installation_id: Callable[[], str], urls: Callable[[], WebTriggerUrls]
    ) -> None:
        self._installation_id = installation_id
        self._urls = urls

    def current_id(self, trigger: WebTrigger, *, create: bool = False) -> str:
        """The id of the address of `trigger`; with `create`, or where it was deleted, of a new
        one."""
        urls = self._urls()
        number = urls.number_of(trigger.key)
        if create or urls.is_deleted(self._id(trigger.key, number)):
            number = urls.add_address(trigger.key)
        return self._id(trigger.key, number)

    def address_path(self, trigger: WebTrigger, *, create: bool = False) -> str:
        """The path of the address of `trigger`; with `create`, or where it was deleted, of a new
        one."""
        return PREFIXES[trigger.url_format] + self.current_id(trigger, create=create)

    def address_paths(self, trigger: WebTrigger) -> list[str]:
        """The paths of all its addresses that were not deleted, oldest first."""
        urls = self._urls()
        ids = (self._id(trigger.key, n) for n in range(urls.number_of(trigger.key) + 1))
        return [PREFIXES[trigger.url_format] + id for id in ids if not urls.is_deleted(id)]

    def find_trigger(self, id: str, triggers: Iterable[WebTrigger]) -> WebTrigger | None:
        """The web trigger with the address that ends in `id`; None where there is none."""
        number, _, _ = id.partition("-")
        if self._urls().is_deleted(id) or not _NUMBER.fullmatch(number):
            return None
        made = int(number)
        return next(
            (
                t
                for t in triggers
                if made <= self._urls().number_of(t.key) and self._id(t.key, made) == id
            ),
            None,
        )

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
