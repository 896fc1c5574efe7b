"""The key-value store as a test sees it: a mapping of keys to values."""

from __future__ import annotations

from collections.abc import Callable, Iterator, MutableMapping
from typing import Any

import msgspec

from forge_emu.control.contract import KvsEntry, KvsPage
from forge_emu.emulator.admin import Admin
from forge_emu.errors import UserError
from forge_emu.testing.options import json_bytes, milliseconds

Run = Callable[[Callable[[], Any]], Any]
"""Calls what it is given where the emulator's event loop runs."""


class Store(MutableMapping[str, Any]):
    """Values by key; they change by the store's rules for keys and values, past its rates.

    `secrets` and `entity(name)` are stores of their own.
    """

    def __init__(self, admin: Admin, run: Run, *, secret: bool = False, entity: str = "") -> None:
        self._admin = admin
        self._run = run
        self._secret = secret
        self._entity = entity

    @property
    def secrets(self) -> Store:
        """The secret values."""
        return Store(self._admin, self._run, secret=True)

    def entity(self, name: str) -> Store:
        """The values of a custom entity."""
        return Store(self._admin, self._run, entity=name)

    def __getitem__(self, key: str) -> Any:
        entry = self._run(
            lambda: self._admin.kvs_get(key, secret=self._secret, entity=self._entity)
        )
        if entry is None:
            raise KeyError(key)
        return msgspec.json.decode(entry.value)

    def __setitem__(self, key: str, value: object) -> None:
        self.set(key, value)

    def set(self, key: str, value: object, *, ttl: str | float | None = None) -> None:
        """Write a value that lives as long as `ttl`: a span such as `15m`, or seconds."""
        text = msgspec.Raw(json_bytes(value, key))
        seconds = None if ttl is None else milliseconds(ttl) / 1000
        if seconds == 0:
            raise UserError(
                "a value cannot live for no time", "Leave out `ttl`: it lives for ever."
            )
        entry = KvsEntry(key, text, self._secret, seconds, self._entity or None)
        self._run(lambda: self._admin.kvs_set([entry]))

    def __delitem__(self, key: str) -> None:
        if not self._run(
            lambda: self._admin.kvs_delete(key, secret=self._secret, entity=self._entity)
        ):
            raise KeyError(key)

    def __iter__(self) -> Iterator[str]:
        after: str | None = ""
        while after is not None:
            page = self._page_after(after)
            yield from (entry.key for entry in page.entries)
            after = page.after

    def _page_after(self, after: str) -> KvsPage:
        page: KvsPage = self._run(
            lambda: self._admin.list_kvs(
                "", after, secret=self._secret, show_secrets=False, entity=self._entity
            )
        )
        return page

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __repr__(self) -> str:
        return repr(dict(self))
